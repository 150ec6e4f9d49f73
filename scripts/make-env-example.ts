/** Writes `.env.example` from the settings' own descriptions: `bun scripts/make-env-example.ts`. */
import { environmentExample } from "../src/config.ts";

const target = new URL("../.env.example", import.meta.url).pathname;
await Bun.write(target, environmentExample());
console.log(`wrote ${target}`);
