import { join, normalize } from "node:path";

/** Media types that players and browsers insist on. */
const contentTypes: Readonly<Record<string, string>> = {
  mpd: "application/dash+xml",
  m3u8: "application/vnd.apple.mpegurl",
  mp4: "video/mp4",
  m4s: "video/iso.segment",
  vtt: "text/vtt",
};

/** Serves a transcoder's output folder at `/media/`, scripts of node_modules at `/script/`, and an empty page with a video. */
export const servePresentation = (folder: string) => {
  const requests: { path: string; status: number }[] = [];
  const modules = join(import.meta.dir, "../../../node_modules");
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      const [, area = "", ...rest] = normalize(pathname).split("/");
      const path = rest.join("/");
      if (area === "page") return new Response(page, { headers: { "content-type": "text/html" } });
      if (area === "script") return new Response(Bun.file(join(modules, path)));
      if (area !== "media") return new Response(null, { status: 204 }); // favicon
      const file = Bun.file(join(folder, path));
      const exists = await file.exists();
      requests.push({ path, status: exists ? 200 : 404 });
      if (!exists) return new Response("not there", { status: 404 });
      const type = contentTypes[path.split(".").at(-1) ?? ""] ?? "application/octet-stream";
      return new Response(file, { headers: { "content-type": type } });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    /** What was asked of `/media/` since the last call. */
    takeRequests: () => requests.splice(0),
    stop: () => server.stop(true),
  };
};

const page = `<!doctype html><meta charset="utf-8"><title>Playback</title><video muted></video>`;
