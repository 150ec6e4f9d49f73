import { expect, test } from "bun:test";
import { join } from "node:path";
import {
  ALLOWED_AUDIO_CODECS,
  ALLOWED_DEMUXERS,
  ALLOWED_PROTOCOLS,
  ALLOWED_VIDEO_CODECS,
} from "../../../src/transcoder/ffmpeg/allow-list.ts";

test("docs/security.md shows the allow-lists as they are, each entry with its reason", async () => {
  const text = await Bun.file(join(import.meta.dir, "../../../docs/security.md")).text();
  const start = text.indexOf("## What a file may reach");
  const section = text.slice(start, text.indexOf("\n## ", start + 1));
  const shown = [...section.matchAll(/^\| `([^`]+)` +\| (.+?) +\|$/gm)].map(([, name, why]) => [
    name ?? "",
    why ?? "",
  ]);
  const codecs = { ...ALLOWED_VIDEO_CODECS, ...ALLOWED_AUDIO_CODECS };
  const allowed = [
    ...Object.entries(ALLOWED_DEMUXERS),
    ...Object.entries(codecs).map(([name, { why }]) => [name, why] as const),
    ...Object.entries(ALLOWED_PROTOCOLS),
  ];
  expect(shown.sort()).toEqual(allowed.map(([name, why]) => [name, why]).sort());
});
