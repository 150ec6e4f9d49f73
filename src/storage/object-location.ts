import { type Static, Type } from "@sinclair/typebox";

/**
 * Where an object or a prefix lies, in a form that fits into a job document: whoever holds it can
 * open it with `openSource` or `openOutput` and needs no other setting.
 */
export const ObjectLocation = Type.Object({
  adapter: Type.Literal("disk"),
  /** Absolute path of the file, or of the folder when the location is a prefix. */
  path: Type.String({ minLength: 1 }),
});
export type ObjectLocation = Static<typeof ObjectLocation>;
