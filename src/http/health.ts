import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Database } from "../db/index.ts";
import { SluiceError } from "../errors.ts";

/** One thing that readiness depends on; `check` throws when it is not there. */
export type ReadinessCheck = { readonly name: string; readonly check: () => Promise<void> };

const Ready = Type.Object({
  status: Type.Literal("ready"),
  checks: Type.Record(Type.String(), Type.String()),
});

/** `live`: the process answers. `ready`: it can do its work; 503 tells a load balancer to look elsewhere. */
export const healthRoutes = (database: Database, others: readonly ReadinessCheck[]) =>
  new Elysia({ name: "health", prefix: "/health", detail: { tags: ["Health"] } })
    .get("/live", () => ({ status: "live" as const }), {
      detail: { summary: "Whether the process answers" },
      response: { 200: Type.Object({ status: Type.Literal("live") }) },
    })
    .get(
      "/ready",
      async () => {
        await database.ping();
        const checks: Record<string, string> = { database: database.kind };
        for (const { name, check } of others) {
          try {
            await check();
            checks[name] = "ok";
          } catch (cause) {
            throw cause instanceof SluiceError ? cause : new SluiceError("internal", { cause });
          }
        }
        return { status: "ready" as const, checks };
      },
      {
        detail: { summary: "Whether the server can do its work" },
        response: { 200: Ready },
      },
    );
