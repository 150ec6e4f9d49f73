import { Elysia } from "elysia";
import type { PartReceiver } from "../storage/index.ts";

/** What the addresses of parts begin with. */
export const PART_UPLOAD_PREFIX = "/storage/uploads/";

/** The address is the whole authority; no cookie counts here. */
const CROSS_ORIGIN = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "ETag",
};
const PREFLIGHT = {
  ...CROSS_ORIGIN,
  "access-control-allow-methods": "PUT",
  "access-control-allow-headers": "Content-Type",
  "access-control-max-age": "86400",
};

/**
 * Takes the parts of stores that have no HTTP server of their own, under the addresses they
 * signed. The body goes from the socket to the store and is never parsed or gathered here. The
 * server must let bodies of the size of a part through (`maxRequestBodySize`).
 */
export const partUploadRoutes = (receiver: PartReceiver) => {
  const path = `${PART_UPLOAD_PREFIX}:token`;
  const hidden = { detail: { hide: true } };
  return new Elysia({ name: "part-upload" })
    .put(
      path,
      async ({ params: { token }, request, set }) => {
        Object.assign(set.headers, CROSS_ORIGIN);
        const declared = request.headers.get("content-length");
        const part = await receiver.receive({
          token,
          contentLength: declared === null ? null : Number(declared),
          body: request.body,
        });
        return new Response(null, { status: 204, headers: { etag: part.etag } });
      },
      { parse: "none", ...hidden },
    )
    .options(path, () => new Response(null, { status: 204, headers: PREFLIGHT }), hidden);
};
