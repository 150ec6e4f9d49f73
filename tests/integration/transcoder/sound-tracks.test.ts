import { expect, test } from "bun:test";
import { join } from "node:path";
import { expectConformant } from "../../fixtures/conformance.ts";
import { soundMedia } from "../../fixtures/sound-media.ts";
import { hear, toneLevel } from "./hearing.ts";
import { convert, joinTrack, scratch } from "./judge.ts";

test("the container's default comes first; titles, purposes and languages stand in both manifests", async () => {
  await using folder = await scratch();
  const out = join(folder.path, "out");
  const { sound } = await convert(await soundMedia("four-tracks.mkv"), out);
  await expectConformant(out);
  expect(sound.map(({ id }) => id)).toEqual(["ger", "eng", "eng-2", "eng-3"]);

  // Each folder holds the tone of its own track.
  const tones = { ger: 700, eng: 300, "eng-2": 500, "eng-3": 900 };
  for (const [id, hertz] of Object.entries(tones)) {
    const track = await joinTrack(join(out, "a", id), join(folder.path, `${id}.mp4`));
    const [left = new Float32Array()] = await hear(track);
    const levels = [300, 500, 700, 900].map((tone) => toneLevel(left, tone));
    expect(levels.indexOf(Math.max(...levels))).toBe([300, 500, 700, 900].indexOf(hertz));
  }

  const master = await Bun.file(join(out, "master.m3u8")).text();
  const media = master.match(/^#EXT-X-MEDIA:TYPE=AUDIO.*$/gm) ?? [];
  expect(media[0]).toMatch(/NAME="Kino&Saal",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES/);
  expect(media[1]).toMatch(/NAME="Director",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=NO/);
  expect(media[2]).toMatch(/NAME="English",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES/);
  expect(media[3]).toMatch(
    /NAME="English \(audio description\)",.*CHARACTERISTICS="public.accessibility.describes-video"/,
  );

  const mpd = await Bun.file(join(out, "manifest.mpd")).text();
  const sets = mpd.match(/<AdaptationSet[^>]*contentType="audio"[\s\S]*?<\/AdaptationSet>/g) ?? [];
  const roles = sets.map((set) => /Role[^>]*value="([^"]*)"/.exec(set)?.[1]);
  expect(roles).toEqual(["main", "commentary", "main", "description"]);
  expect(sets[0]).toContain("<Label>Kino&amp;");
  expect(sets[3]).toContain(
    '<Accessibility schemeIdUri="urn:tva:metadata:cs:AudioPurposeCS:2007" value="1"/>',
  );
}, 60_000);
