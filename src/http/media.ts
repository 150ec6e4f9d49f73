import { createHash } from "node:crypto";
import { Elysia } from "elysia";
import { SluiceError } from "../errors.ts";
import { deliveredCacheControl, type MediaType, mediaTypeOf } from "../presentation/media-types.ts";
import type { ByteRange, ObjectInfo, Storage } from "../storage/index.ts";
import { presentationPrefix } from "../storage/keys.ts";
import { acceptsGzip } from "./accepts-gzip.ts";
import { isUnchanged, requestedRange } from "./byte-range.ts";
import type { OwnMediaAddresses } from "./media-address.ts";

/** The address is the whole authority, so that players on other sites may use it: no cookie counts here. */
const CROSS_ORIGIN = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "Content-Length, Content-Range, ETag",
  "cross-origin-resource-policy": "cross-origin",
};
const PREFLIGHT = {
  ...CROSS_ORIGIN,
  "access-control-allow-methods": "GET, HEAD",
  "access-control-allow-headers": "Range, If-None-Match, If-Range",
  "access-control-max-age": "86400",
};

type MediaRequest = {
  /** Elysia gives null for what cannot be decoded, whatever its types say. */
  readonly params: Record<"token" | "presentationId" | "*", string | null>;
  readonly request: Request;
  readonly set: { headers: Record<string, string | number> };
};

/** Manifests, segments and posters under signed addresses; ranges, conditions and HEAD as players need them. */
export const mediaRoutes = ({
  storage,
  addresses,
}: {
  storage: Storage;
  addresses: OwnMediaAddresses;
}) => {
  const find = async (key: string, type: MediaType): Promise<Found | null> => {
    if (type.changes) {
      return await readManifest(storage, key);
    }
    const info = await storage.head("media", key);
    return info && { ...info, read: (range) => storage.get("media", key, range) };
  };
  const deliver = async ({ params, request, set }: MediaRequest): Promise<Response> => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      set.headers.allow = "GET, HEAD, OPTIONS";
      throw new SluiceError("method_not_allowed");
    }
    const name = params["*"] ?? "";
    const { videoId, presentationId } = addresses.open(
      params.token ?? "",
      params.presentationId ?? "",
    );
    const key = `${presentationPrefix(videoId, presentationId)}${name}`;
    const type = mediaTypeOf(name);
    const plain = type && (await find(key, type));
    const isManifest = type?.changes === true;
    const isPacked = isManifest && packable(request);
    const object = plain && isPacked ? await gzipped(plain) : plain;
    if (!object || !type) {
      throw new SluiceError("media_not_found");
    }
    const headers = {
      ...CROSS_ORIGIN,
      "accept-ranges": "bytes",
      "cache-control": deliveredCacheControl(type),
      "content-type": type.contentType,
      "x-content-type-options": "nosniff",
      etag: object.etag,
      ...(isManifest && { vary: "accept-encoding" }),
      ...(isPacked && { "content-encoding": "gzip" }),
    };
    if (isUnchanged(request.headers.get("if-none-match"), object.etag)) {
      return new Response(null, { status: 304, headers });
    }
    const wanted = requestedRange(rangeHeader(request, object), object.sizeBytes);
    if (wanted.kind === "unsatisfiable") {
      set.headers["content-range"] = `bytes */${object.sizeBytes}`;
      throw new SluiceError("range_not_satisfiable");
    }
    const range = wanted.kind === "part" ? wanted.range : undefined;
    const body = request.method === "HEAD" ? null : await object.read(range);
    const length = range ? range.end - range.start + 1 : object.sizeBytes;
    return new Response(body, {
      status: range ? 206 : 200,
      headers: {
        ...headers,
        "content-length": String(length),
        ...(range && {
          "content-range": `bytes ${range.start}-${range.end}/${object.sizeBytes}`,
        }),
      },
    });
  };
  const path = "/media/:token/:presentationId/*";
  const hidden = { detail: { hide: true } };
  return (
    new Elysia({ name: "media" })
      // Not `get` and `head`: Elysia 1.4 answers HEAD below a wildcard by reading the whole of GET's body.
      .all(path, deliver, hidden)
      .options(path, () => new Response(null, { status: 204, headers: PREFLIGHT }), hidden)
  );
};

type Found = ObjectInfo & {
  readonly read: (range: ByteRange | undefined) => Promise<BodyInit | null>;
};

/**
 * A manifest is put in place of another at any time: its length, its bytes and its validator must be
 * those of one reading, so it is read at once. The validator is made of the bytes, so that a copy in
 * another place has the same.
 */
const readManifest = async (storage: Storage, key: string): Promise<Found | null> => {
  const stream = await storage.get("media", key);
  if (stream === null) {
    return null;
  }
  const bytes = await new Response(stream).bytes();
  const etag = `"${createHash("sha256").update(bytes).digest("base64url")}"`;
  return {
    key,
    sizeBytes: bytes.length,
    etag,
    read: async (range) => (range ? bytes.subarray(range.start, range.end + 1) : bytes),
  };
};

/** Whole manifests are packed for whoever takes it (Apple HLS authoring specification 10.1); parts are not. */
const packable = ({ headers }: Request): boolean =>
  headers.get("range") === null && acceptsGzip(headers.get("accept-encoding"));

/** The validator is weak, because the packed bytes are others (RFC 9110, section 8.8.1). */
const gzipped = async (manifest: Found): Promise<Found> => {
  const bytes = Bun.gzipSync(await new Response(await manifest.read(undefined)).bytes());
  return {
    ...manifest,
    sizeBytes: bytes.length,
    etag: `W/${manifest.etag}`,
    read: async () => bytes,
  };
};

/** `If-Range` with another ETag means: send all of it (RFC 9110, section 13.1.5). */
const rangeHeader = (request: Request, object: ObjectInfo): string | null => {
  const condition = request.headers.get("if-range");
  return condition === null || condition === object.etag ? request.headers.get("range") : null;
};
