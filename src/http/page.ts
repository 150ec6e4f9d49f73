import { Elysia } from "elysia";
import { SluiceError } from "../errors.ts";
import type { PageAsset } from "../web/assets.ts";

/** Bundled files carry their content's hash in the name: a browser need never ask again. */
const IMMUTABLE = "public, max-age=31536000, immutable";
/** The document names them, so it is asked for each time; its ETag makes that cheap. */
const REVALIDATE = "no-cache";

/**
 * Serves the page: each bundled file at its own address, and the document at every other address
 * that a browser navigates to, because the page routes by itself.
 * @param canonicalOrigin when given, documents asked for under another name of this machine
 *   (localhost for 127.0.0.1) are redirected there: signed addresses carry that origin, and the
 *   page may talk to its own origin alone. Null behind a proxy, which may change the name.
 */
export const pageRoutes = (assets: readonly PageAsset[], canonicalOrigin: string | null) => {
  const byPath = new Map(assets.map((asset) => [asset.path, asset]));
  const document = byPath.get("/index.html");
  // Not `get`: Elysia prefers any route of the very method, even this one, to a closer one that takes all.
  return new Elysia({ name: "page", detail: { hide: true } }).all("/*", ({ request }) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      throw new SluiceError("not_found");
    }
    const asset = byPath.get(new URL(request.url).pathname);
    if (asset && asset !== document) {
      return answer(request, asset, IMMUTABLE);
    }
    if (document && request.headers.get("accept")?.includes("text/html")) {
      const { origin, pathname, search } = new URL(request.url);
      if (canonicalOrigin !== null && origin !== canonicalOrigin) {
        return Response.redirect(`${canonicalOrigin}${pathname}${search}`, 307);
      }
      return answer(request, document, REVALIDATE);
    }
    throw new SluiceError("not_found");
  });
};

const answer = (request: Request, asset: PageAsset, cacheControl: string): Response => {
  const headers = new Headers({
    "content-type": asset.contentType,
    "cache-control": cacheControl,
    etag: asset.etag,
    vary: "accept-encoding",
  });
  if (request.headers.get("if-none-match") === asset.etag) {
    return new Response(null, { status: 304, headers });
  }
  const gzip = request.headers.get("accept-encoding")?.includes("gzip") ?? false;
  if (gzip) {
    headers.set("content-encoding", "gzip");
  }
  return new Response(gzip ? asset.gzipped : asset.bytes, { headers });
};
