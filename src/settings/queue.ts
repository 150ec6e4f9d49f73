import { oneOf } from "./one-of.ts";

/** What carries upload events to the consumer. */
export const queueSettings = {
  QUEUE: oneOf(["postgres"], {
    default: "postgres",
    description: "What carries upload events to the consumer: postgres (a table in the database).",
  }),
};
