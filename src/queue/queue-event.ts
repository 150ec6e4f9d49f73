import type { LaunchExit } from "../launcher/index.ts";
import type { ObjectCreated } from "../videos/job-message.ts";

/** One thing that a message tells, in the domain's words whatever shape it came in. */
export type QueueEvent =
  | { readonly kind: "object-created"; readonly object: ObjectCreated }
  /** A transcoder that the platform runs for us ended. */
  | { readonly kind: "transcoder-ended"; readonly exit: LaunchExit }
  /** Understood, and there is nothing to do. */
  | { readonly kind: "nothing"; readonly reason: string };

/** All that a message holds. One bad record does not spoil the others, nor they it. */
export type ReadMessage = {
  readonly events: readonly QueueEvent[];
  /** Why parts of it, or all, are nothing that we know; empty for a good message. */
  readonly refusals: readonly string[];
};

export const oneEvent = (event: QueueEvent): ReadMessage => ({ events: [event], refusals: [] });

export const nothingToDo = (reason: string): ReadMessage => oneEvent({ kind: "nothing", reason });

export const refused = (reason: string): ReadMessage => ({ events: [], refusals: [reason] });

/** What all the parts of a message hold together. */
export const together = (parts: readonly ReadMessage[]): ReadMessage => ({
  events: parts.flatMap(({ events }) => events),
  refusals: parts.flatMap(({ refusals }) => refusals),
});
