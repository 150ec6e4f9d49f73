import { SluiceError } from "../errors.ts";
import { openToken, sealToken } from "../signed-token.ts";

/** A place in a list, signed so that only those we gave out are taken; `list` keeps those of one list out of another. */
export const sealCursor = (key: Uint8Array, list: string, lastId: string): string =>
  sealToken(key, [list, lastId]);

/** @throws SluiceError `invalid_cursor` */
export const openCursor = (key: Uint8Array, list: string, cursor: string): string => {
  const [ofList, lastId] = openToken(key, cursor) ?? [];
  if (ofList !== list || typeof lastId !== "string") {
    throw new SluiceError("invalid_cursor");
  }
  return lastId;
};
