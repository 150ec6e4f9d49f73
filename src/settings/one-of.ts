import { Type } from "@sinclair/typebox";

/** A choice among a few names. */
export const oneOf = <const T extends string>(values: readonly T[], options: object) =>
  Type.Unsafe<T>(
    Type.Union(
      values.map((value) => Type.Literal(value)),
      options,
    ),
  );
