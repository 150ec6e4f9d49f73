import { describe } from "bun:test";
import { resolve } from "node:path";
import { checkConfinement } from "../../fixtures/confinement-checks.ts";
import { media } from "../../fixtures/media.ts";

const entry = resolve(import.meta.dir, "../../../src/transcoder/index.ts");

describe("the transcoder from source", () => {
  checkConfinement([process.execPath, entry], () => media("no-audio.mp4"));
});
