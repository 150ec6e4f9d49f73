import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Database } from "../db/index.ts";
import type { Storage } from "../storage/index.ts";

/**
 * `live`: the process answers. `ready`: it can do its work, and its database and its storage answer;
 * anything else, with the code that says what is wrong, tells a load balancer to look elsewhere.
 * @param parts.confinement how transcoders are shut in, see `ConfinementState`
 */
export const healthRoutes = ({
  database,
  storage,
  config,
  confinement,
}: {
  readonly database: Pick<Database, "ping" | "kind">;
  readonly storage: Pick<Storage, "ping">;
  readonly config: { readonly STORAGE: string };
  readonly confinement: string;
}) =>
  new Elysia({ name: "health", prefix: "/health", detail: { tags: ["Health"], security: [] } })
    .get("/live", () => ({ status: "live" as const }), {
      detail: { summary: "Whether the process answers" },
      response: { 200: Type.Object({ status: Type.Literal("live") }) },
    })
    .get(
      "/ready",
      async () => {
        await Promise.all([database.ping(), storage.ping()]);
        const checks = { database: database.kind, storage: config.STORAGE, confinement };
        return { status: "ready" as const, checks };
      },
      {
        detail: { summary: "Whether the server can do its work" },
        response: {
          200: Type.Object({
            status: Type.Literal("ready"),
            checks: Type.Record(Type.String(), Type.String()),
          }),
        },
      },
    );
