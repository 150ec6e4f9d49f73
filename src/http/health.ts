import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Database } from "../db/index.ts";

/**
 * `live`: the process answers. `ready`: it can do its work; 503 tells a load balancer to look elsewhere.
 * @param state.confinement how transcoders are shut in, see `ConfinementState`
 */
export const healthRoutes = (database: Database, state: { readonly confinement: string }) =>
  new Elysia({ name: "health", prefix: "/health", detail: { tags: ["Health"], security: [] } })
    .get("/live", () => ({ status: "live" as const }), {
      detail: { summary: "Whether the process answers" },
      response: { 200: Type.Object({ status: Type.Literal("live") }) },
    })
    .get(
      "/ready",
      async () => {
        await database.ping();
        return { status: "ready" as const, checks: { database: database.kind, ...state } };
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
