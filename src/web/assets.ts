/** One file of the page, ready to be sent. */
export type PageAsset = {
  /** Address, with a leading slash; `/index.html` is the document. */
  readonly path: string;
  readonly contentType: string;
  /** With its quotes. */
  readonly etag: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
};

/** One file as the bundler wrote it. */
export type BundledFile = { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> };

/** Adds what a server needs to know of a bundled file. */
export const toPageAsset = ({ path, bytes }: BundledFile): PageAsset => ({
  path,
  contentType: Bun.file(path).type,
  etag: `"${new Bun.CryptoHasher("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
  bytes,
  gzipped: new Uint8Array(Bun.gzipSync(bytes, { level: 9 })),
});
