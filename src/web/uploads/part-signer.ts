import type { SignedPart } from "../../http/schemas.ts";

/** Addresses asked for at once: few requests, and none of them lies unused for long. */
const BATCH = 16;
/** An address is not used in its last moments; the bytes still have to travel. */
const EXPIRY_MARGIN_MS = 60_000;

type SignerOptions = {
  readonly sign: (partNumbers: readonly number[]) => Promise<readonly SignedPart[]>;
  readonly nowMs: () => number;
  /** Those that came with the upload's start. */
  readonly known: readonly SignedPart[];
};

/** Hands out signed addresses, asking the server for a batch when there is none for a part. */
export type PartSigner = {
  /** `upcoming` are all parts that are still wanted, this one among them. */
  readonly get: (partNumber: number, upcoming: readonly number[]) => Promise<SignedPart>;
  /** The address did not work; the next `get` asks for a new one. */
  readonly forget: (partNumber: number) => void;
};

export const createPartSigner = ({ sign, nowMs, known }: SignerOptions): PartSigner => {
  const signed = new Map(known.map((part) => [part.partNumber, part]));
  let asking: Promise<void> = Promise.resolve();

  const usable = (partNumber: number): SignedPart | null => {
    const part = signed.get(partNumber);
    return part && Date.parse(part.expiresAt) - EXPIRY_MARGIN_MS > nowMs() ? part : null;
  };
  const ask = async (partNumber: number, upcoming: readonly number[]): Promise<void> => {
    if (usable(partNumber) === null) {
      const wanted = [partNumber, ...upcoming.filter((number) => usable(number) === null)];
      for (const part of await sign([...new Set(wanted)].slice(0, BATCH))) {
        signed.set(part.partNumber, part);
      }
    }
  };
  const get = async (partNumber: number, upcoming: readonly number[]): Promise<SignedPart> => {
    // One question at a time: the answer to the first usually holds what the others want.
    const asked = asking.then(() => ask(partNumber, upcoming));
    asking = asked.catch(() => undefined);
    await asked;
    const part = signed.get(partNumber);
    if (part === undefined) {
      throw new Error(`The server signed no address for part ${partNumber}.`);
    }
    return part;
  };
  return { get, forget: (partNumber) => signed.delete(partNumber) };
};
