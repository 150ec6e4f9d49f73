import { Type } from "@sinclair/typebox";

/** How the consumer is watched; the api answers on its own ports. */
export const healthSettings = {
  HEALTH_PORT: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 65535,
    description:
      "Port on which the consumer answers health checks, on this machine alone; 0 answers none. `consumer --health` asks it.",
  }),
};
