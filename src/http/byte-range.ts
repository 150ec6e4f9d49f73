import type { ByteRange } from "../storage/index.ts";

/** What a `Range` header means for a body of a certain size. */
export type RequestedRange =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly range: ByteRange }
  | { readonly kind: "unsatisfiable" };

const WHOLE: RequestedRange = { kind: "whole" };

/**
 * Reads a `Range` header (RFC 9110, section 14.2). What is malformed, in another unit, or asks for
 * several ranges is answered whole, as the RFC allows: players ask for one.
 */
export const requestedRange = (header: string | null, sizeBytes: number): RequestedRange => {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? "");
  if (!match) {
    return WHOLE;
  }
  const [first = "", last = ""] = match.slice(1);
  if (first === "") {
    return last === "" ? WHOLE : lastBytes(Number(last), sizeBytes);
  }
  const start = Number(first);
  const end = last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== "" && Number(last) < start) {
    return WHOLE;
  }
  return start < sizeBytes ? { kind: "part", range: { start, end } } : { kind: "unsatisfiable" };
};

const lastBytes = (count: number, sizeBytes: number): RequestedRange =>
  count === 0 || sizeBytes === 0
    ? { kind: "unsatisfiable" }
    : { kind: "part", range: { start: Math.max(0, sizeBytes - count), end: sizeBytes - 1 } };

/** Whether `If-None-Match` names this ETag; compared weakly, as RFC 9110, section 13.1.2 has it. */
export const isUnchanged = (ifNoneMatch: string | null, etag: string): boolean =>
  (ifNoneMatch ?? "")
    .split(",")
    .map((candidate) => candidate.trim().replace(/^W\//, ""))
    .some((candidate) => candidate === "*" || candidate === etag.replace(/^W\//, ""));
