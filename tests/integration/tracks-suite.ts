import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { eq, sql } from "drizzle-orm";
import { tracks, videos } from "../../src/db/schema.ts";
import type { TrackBody, TrackList } from "../../src/http/schemas.ts";
import type { TextTrack } from "../../src/presentation/presentation.ts";
import { writePresentation } from "../../src/presentation/presentation-file.ts";
import { presentationPrefix } from "../../src/storage/keys.ts";
import { parseWebVtt } from "../../src/text/parse-web-vtt.ts";
import { deleteVideo } from "../../src/videos/delete-video.ts";
import {
  publishLateTracks,
  publishTracks,
  removeOldTracks,
} from "../../src/videos/publish-tracks.ts";
import { MAX_TRACK_BYTES, MAX_TRACKS } from "../../src/videos/tracks.ts";
import { callApi } from "../fixtures/http-client.ts";
import type { TestServer } from "../fixtures/http-server.ts";
import { silentLog } from "../fixtures/jobs.ts";
import { parsePlaylist } from "../fixtures/parse-manifests.ts";
import { attribute, children, readRepresentations } from "../fixtures/read-mpd.ts";
import { examplePresentation } from "../unit/presentation/example-presentation.ts";

const subRip =
  "1\n00:00:01,000 --> 00:00:02,000\nGuten Tag <b>Welt</b>\n\n2\n00:00:11,000 --> 00:00:20,000\nEnde\n";

const french: TextTrack = {
  id: "s-fr",
  path: "s/fr",
  kind: "subtitles",
  language: "fr",
  label: null,
  isDefault: true,
  isForced: false,
  sizeBytes: 100,
};

/** Text tracks over HTTP, on any database and storage. */
export const trackSuite = (name: string, start: () => Promise<TestServer>): void =>
  describe(`text tracks ${name}`, () => {
    let server: TestServer;
    let ada: string;
    let grace: string;
    beforeEach(async () => {
      server = await start();
      ada = await server.addUser("ada@example.org");
      grace = await server.addUser("grace@example.org");
    }, 60_000);
    afterEach(() => server.close());

    const context = () => ({ database: server.database, storage: server.storage, log: silentLog });

    const addVideo = async (values: Partial<typeof videos.$inferInsert> = {}): Promise<string> => {
      const [video] = await server.database.queries
        .insert(videos)
        .values({ ownerId: ada, title: "film", sourceBytes: 10, status: "queued", ...values })
        .returning();
      return video?.id ?? "";
    };

    /** What the transcoder leaves behind, as far as tracks are concerned. */
    const present = async (videoId: string): Promise<string> => {
      const presentationId = Bun.randomUUIDv7();
      const prefix = presentationPrefix(videoId, presentationId);
      const whole = { ...examplePresentation, text: [french] };
      await server.storage.put(
        "media",
        `${prefix}presentation.json`,
        Buffer.from(writePresentation(whole)),
      );
      await server.database.queries
        .update(videos)
        .set({ presentationId, status: "ready", playableAt: new Date(), sourceText: [french] })
        .where(eq(videos.id, videoId));
      return presentationId;
    };

    const call = <T = TrackBody>(
      method: string,
      path: string,
      options: { token?: string | null; body?: unknown } = {},
    ) => callApi<T>(server.url, method, path, { token: ada, ...options });

    const add = async (
      videoId: string,
      query = "language=de",
      options: {
        token?: string;
        body?: string | Uint8Array;
        headers?: Record<string, string>;
      } = {},
    ) => {
      const response = await fetch(`${server.url}/videos/${videoId}/tracks?${query}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${options.token ?? ada}`,
          "content-type": "application/x-subrip",
          ...options.headers,
        },
        body: new Blob([options.body ?? subRip] as BlobPart[]),
      });
      const body = (await response.json()) as TrackBody & { code?: string };
      return { status: response.status, body, headers: response.headers };
    };
    const outcome = async (answer: Promise<{ status: number; body: unknown }>) => {
      const { status, body } = await answer;
      return `${status} ${(body as { code?: string }).code}`;
    };
    const list = async (videoId: string) =>
      (await call<TrackList>("GET", `/videos/${videoId}/tracks`)).body.items;

    /** Fetches what a player would, by the addresses that the api gives out. */
    const played = async (videoId: string) => {
      const { body } = await call<{ dashUrl: string; hlsUrl: string }>(
        "GET",
        `/videos/${videoId}/playback`,
      );
      const mpd = await (await fetch(body.dashUrl)).text();
      const master = await (await fetch(body.hlsUrl)).text();
      const dash = readRepresentations(mpd)
        .filter(({ contentType }) => contentType === "text")
        .map(({ set, folder }) => ({
          language: attribute(set, "lang"),
          roles: children(set, "Role").map((role) => attribute(role, "value")),
          url: new URL(folder, body.dashUrl).href,
        }));
      const group = parsePlaylist(master).mediaGroups?.SUBTITLES?.text ?? {};
      const hls = await Promise.all(
        Object.entries(group).map(async ([name, track]) => ({ name, ...track })),
      );
      return { ...body, mpd, master, dash, hls };
    };

    test("one that is added to a finished video is in both manifests at once, with its words at their times", async () => {
      const id = await addVideo();
      await present(id);
      const { status, body } = await add(id, "language=de-at&label=%20Deutsch%20&default=true");
      expect(status).toBe(201);
      expect(body).toMatchObject({
        origin: "added",
        kind: "subtitles",
        language: "de-AT",
        label: "Deutsch",
        name: "Deutsch",
        isDefault: true,
        isForced: false,
        cueCount: 2,
      });
      expect(
        (await list(id)).map(({ id: track, origin, isDefault }) => [track, origin, isDefault]),
      ).toEqual([
        ["s-fr", "source", false],
        [body.id, "added", true],
      ]);

      const { dash, hls, hlsUrl } = await played(id);
      expect(dash.map(({ language, roles }) => [language, roles])).toEqual([
        ["fr", ["subtitle"]],
        ["de-AT", ["subtitle", "main"]],
      ]);
      expect(hls.map(({ name, language, default: shown }) => [name, language, shown])).toEqual([
        ["French", "fr", false],
        ["Deutsch", "de-AT", true],
      ]);
      const file = await fetch(dash[1]?.url ?? "");
      expect(file.headers.get("content-type")).toBe("text/vtt; charset=utf-8");
      expect(file.headers.get("cache-control")).toContain("immutable");
      const { cues } = parseWebVtt(await file.text());
      expect(cues).toMatchObject([
        { startSeconds: 1, endSeconds: 2, text: "Guten Tag <b>Welt</b>" },
        // The film ends before the cue does.
        { startSeconds: 11, endSeconds: 12.471, text: "Ende" },
      ]);
      const playlistUrl = new URL(hls[1]?.uri ?? "", hlsUrl);
      const { segments } = parsePlaylist(await (await fetch(playlistUrl)).text());
      expect(new URL(segments[0]?.uri ?? "", playlistUrl).href).toBe(dash[1]?.url ?? "");
    });

    test("one that is added before the video is ready waits, and every new presentation gets it", async () => {
      const id = await addVideo({ status: "uploading" });
      const { status, body } = await add(id);
      expect(status).toBe(201);
      for (const _ of ["the first presentation", "the one of a retry"]) {
        await present(id);
        await publishTracks(context(), id);
        const { dash } = await played(id);
        expect(dash.map(({ language }) => language)).toEqual(["fr", "de"]);
        expect((await fetch(dash[1]?.url ?? "")).status).toBe(200);
      }
      expect((await list(id)).map((track) => track.id)).toEqual(["s-fr", body.id]);
    });

    test("what could not be published is published later; what is up to date is left alone", async () => {
      const id = await addVideo();
      await add(id);
      const presentationId = await present(id);
      await publishLateTracks(context());
      const before = await server.storage.head(
        "media",
        `${presentationPrefix(id, presentationId)}manifest.mpd`,
      );
      expect(before).not.toBeNull();
      await publishLateTracks(context());
      await publishTracks(context(), id);
      expect(await server.storage.head("media", before?.key ?? "")).toEqual(before);
    });

    test("many changes at once end in manifests that offer what is there", async () => {
      const id = await addVideo();
      await present(id);
      const languages = ["de", "en", "es", "it", "nl", "pl"];
      const added = await Promise.all(
        languages.map((language) => add(id, `language=${language}&default=true`)),
      );
      await Promise.all(
        added.slice(0, 3).map(({ body }) => call("DELETE", `/videos/${id}/tracks/${body.id}`)),
      );
      const left = (await list(id)).slice(1);
      expect(left.map(({ language }) => language).sort()).toEqual(["it", "nl", "pl"]);
      expect(left.filter(({ isDefault }) => isDefault).length).toBeLessThanOrEqual(1);
      const { dash, hls } = await played(id);
      expect(
        dash
          .slice(1)
          .map(({ language }) => language)
          .sort(),
      ).toEqual(["it", "nl", "pl"]);
      expect(
        hls
          .slice(1)
          .map(({ language }) => language)
          .sort(),
      ).toEqual(["it", "nl", "pl"]);
    });

    test("facts can be changed, and a second default ends the first", async () => {
      const id = await addVideo();
      await present(id);
      const first = (await add(id, "language=de&default=true")).body;
      const second = (await add(id, "language=en")).body;
      const change = { isDefault: true, label: "English", kind: "captions", language: "en-gb" };
      const changed = await call("PATCH", `/videos/${id}/tracks/${second.id}`, { body: change });
      expect(changed.body).toMatchObject({ ...change, language: "en-GB" });
      expect((await list(id)).map(({ isDefault }) => isDefault)).toEqual([false, false, true]);
      expect((await played(id)).dash.map(({ roles }) => roles)).toEqual([
        ["subtitle"],
        ["subtitle"],
        ["caption", "main"],
      ]);
      const cleared = await call("PATCH", `/videos/${id}/tracks/${second.id}`, {
        body: { label: null, isDefault: false, isForced: true },
      });
      expect(cleared.body).toMatchObject({ label: null, name: "British English (forced)" });
      expect(await list(id)).toMatchObject([
        { isDefault: true },
        { id: first.id },
        { isForced: true },
      ]);
    });

    test("a removed one is gone from both manifests at once, its file a day later", async () => {
      const id = await addVideo();
      const presentationId = await present(id);
      const { body } = await add(id);
      const { dash, mpd } = await played(id);
      expect((await call("DELETE", `/videos/${id}/tracks/${body.id}`)).status).toBe(204);
      const after = await played(id);
      expect(after.mpd).not.toBe(mpd);
      expect(after.dash).toHaveLength(1);
      expect((await fetch(dash[1]?.url ?? "")).status).toBe(200);
      await removeOldTracks(context());
      expect((await fetch(dash[1]?.url ?? "")).status).toBe(200);
      await server.database.queries
        .update(tracks)
        .set({ removedAt: sql`now() - interval '25 hours'` });
      await removeOldTracks(context());
      expect((await fetch(dash[1]?.url ?? "")).status).toBe(404);
      expect(await server.database.queries.select().from(tracks)).toEqual([]);
      const left = await Array.fromAsync(server.storage.list("media", `media/${id}/`));
      expect(left.map(({ key }) => key.split("/").at(-1)).sort()).toEqual([
        "manifest.mpd",
        "master.m3u8",
        "presentation.json",
      ]);
      expect(left[0]?.key).toContain(presentationId);
      expect(await outcome(call("DELETE", `/videos/${id}/tracks/${body.id}`))).toBe(
        "404 track_not_found",
      );
    });

    test("deleting the video takes rows and files, also while a track is being added", async () => {
      const id = await addVideo();
      await present(id);
      await add(id);
      const results = await Promise.allSettled([
        ...[1, 2, 3].map(() => add(id)),
        deleteVideo(context(), { videoId: id, ownerId: ada }),
      ]);
      expect(results.every(({ status }) => status === "fulfilled")).toBe(true);
      expect(await server.database.queries.select().from(tracks)).toEqual([]);
      expect(await Array.fromAsync(server.storage.list("media", `media/${id}/`))).toEqual([]);
      expect(await outcome(add(id))).toBe("404 video_not_found");
    });

    test("a manifest changes its validator with its content, and an unchanged one is not sent again", async () => {
      const id = await addVideo();
      await present(id);
      const { body } = await add(id);
      const { dashUrl } = await played(id);
      const first = await fetch(dashUrl);
      const etag = first.headers.get("etag") ?? "";
      expect(first.headers.get("cache-control")).toBe("private, no-cache");
      const again = () =>
        fetch(dashUrl, { headers: { "if-none-match": etag, "accept-encoding": "identity" } });
      expect((await again()).status).toBe(304);
      await call("PATCH", `/videos/${id}/tracks/${body.id}`, { body: { label: "Other" } });
      const changed = await again();
      expect(changed.status).toBe(200);
      const text = await changed.text();
      expect(text).toContain("<Label>Other</Label>");
      expect(changed.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
      const identity = { "accept-encoding": "identity" };
      const head = await fetch(dashUrl, { method: "HEAD", headers: identity });
      expect(head.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
      const part = await fetch(dashUrl, { headers: { range: "bytes=2-4" } });
      expect([part.status, await part.text()]).toEqual([206, text.slice(2, 5)]);
    });

    test("other people's videos: private ones do not exist, public ones are looked at and not changed", async () => {
      const id = await addVideo();
      const { body } = await add(id);
      const track = `/videos/${id}/tracks/${body.id}`;
      expect(await outcome(call("GET", `/videos/${id}/tracks`, { token: grace }))).toBe(
        "404 video_not_found",
      );
      await server.database.queries.update(videos).set({ visibility: "public" });
      expect(
        (await call<TrackList>("GET", `/videos/${id}/tracks`, { token: null })).body.items,
      ).toHaveLength(1);
      expect(await outcome(add(id, "language=de", { token: grace }))).toBe("404 video_not_found");
      expect(await outcome(call("PATCH", track, { token: grace, body: { label: "x" } }))).toBe(
        "404 video_not_found",
      );
      expect(await outcome(call("DELETE", track, { token: grace }))).toBe("404 video_not_found");
      expect(await outcome(call("DELETE", track, { token: null }))).toBe("401 not_signed_in");
      const other = await addVideo();
      expect(await outcome(call("DELETE", `/videos/${other}/tracks/${body.id}`))).toBe(
        "404 track_not_found",
      );
    });

    test("what cannot be taken is refused with a stable code", async () => {
      const id = await addVideo();
      expect(await outcome(add(id, "language=de", { body: "just words" }))).toBe(
        "422 track_unreadable",
      );
      expect(await outcome(add(id, "language=de", { body: "" }))).toBe("422 track_unreadable");
      expect(await outcome(add(id, "language=not_a_tag!"))).toBe("422 validation_failed");
      expect(await outcome(add(id, "label=x"))).toBe("422 validation_failed");
      expect(await outcome(add(id, "language=de&kind=songs"))).toBe("422 validation_failed");
      expect(await outcome(add(id, "language=de&default=perhaps"))).toBe("422 validation_failed");
      const large = new Uint8Array(MAX_TRACK_BYTES + 1).fill(65);
      expect(await outcome(add(id, "language=de", { body: large }))).toBe("413 track_too_large");
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      expect(await outcome(add(id, "language=de", { headers }))).toBe("400 malformed_body");
      await server.database.queries.insert(tracks).values(
        Array.from({ length: MAX_TRACKS }, () => ({
          videoId: id,
          kind: "subtitles" as const,
          language: "de",
          cueCount: 1,
          sizeBytes: 1,
        })),
      );
      expect(await outcome(add(id))).toBe("409 too_many_tracks");
      expect(await Array.fromAsync(server.storage.list("media", `media/${id}/`))).toEqual([]);
    });

    test("a repeated request with its Idempotency-Key adds one track", async () => {
      const id = await addVideo();
      const headers = { "idempotency-key": "one" };
      const first = await add(id, "language=de", { headers });
      const again = await add(id, "language=de", { headers });
      expect(again.body).toEqual(first.body);
      expect(again.headers.get("idempotency-replayed")).toBe("true");
      expect(await list(id)).toHaveLength(1);
      const other = add(id, "language=de", { headers, body: subRip.replace("Ende", "Schluss") });
      expect(await outcome(other)).toBe("422 idempotency_key_reused");
    });

    test("labels are one line without tricks", async () => {
      const id = await addVideo();
      const label = encodeURIComponent(' A\n\u202eB"<script> ');
      expect((await add(id, `language=und&label=${label}`)).body).toMatchObject({
        label: 'A B"<script>',
        language: "und",
      });
    });
  });
