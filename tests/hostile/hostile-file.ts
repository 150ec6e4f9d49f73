/** What a file that points at something may point at. */
export type Bait = {
  /** A file that nobody may open. */
  readonly path: string;
  /** An address on loopback that nobody may ask. */
  readonly url: string;
  /** `host:port` of the same. */
  readonly host: string;
};

export type HostileFile = {
  /** The property that makes it hostile. */
  readonly name: string;
  /** Its bytes; the same every time. */
  readonly make: (bait: Bait) => Promise<Uint8Array> | Uint8Array;
};
