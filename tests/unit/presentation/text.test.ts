import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { buildMasterPlaylist } from "../../../src/presentation/hls-master.ts";
import { buildTextPlaylist } from "../../../src/presentation/hls-text.ts";
import { buildMpd } from "../../../src/presentation/mpd.ts";
import type { TextTrack } from "../../../src/presentation/presentation.ts";
import {
  readPresentation,
  writePresentation,
} from "../../../src/presentation/presentation-file.ts";
import { parsePlaylist } from "../../fixtures/parse-manifests.ts";
import { anyPresentation, examplePresentation } from "./example-presentation.ts";

const german: TextTrack = {
  id: "s-de",
  path: "s/de",
  kind: "subtitles",
  language: "de",
  label: null,
  isDefault: true,
  isForced: false,
  sizeBytes: 6_235,
};
const english: TextTrack = {
  ...german,
  id: "s-en",
  path: "s/en",
  kind: "captions",
  language: "en",
  label: 'For the "deaf" <& hard of hearing>',
  isDefault: false,
};
const signs: TextTrack = {
  ...german,
  id: "s-de-2",
  path: "s/de-2",
  isDefault: false,
  isForced: true,
};
const withText = { ...examplePresentation, text: [german, english, signs] };

describe("text tracks in the MPD", () => {
  const sets = [
    ...buildMpd(withText).matchAll(
      / {4}<AdaptationSet id="\d" contentType="text"[\s\S]*?<\/Adapt/g,
    ),
  ];

  test("are adaptation sets of one file each, with language, role and label", () => {
    expect(
      sets[0]?.[0],
    ).toBe(`    <AdaptationSet id="2" contentType="text" mimeType="text/vtt" lang="de">
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="subtitle"/>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <Representation id="s-de" bandwidth="4000">
        <BaseURL>s/de/text.vtt</BaseURL>
      </Representation>
    </Adapt`);
    expect(sets[1]?.[0]).toContain(
      '<Label>For the &quot;deaf&quot; &lt;&amp; hard of hearing&gt;</Label>\n      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="caption"/>',
    );
    expect(sets[2]?.[0]).toContain('value="forced-subtitle"');
  });
});

test("the presentation as data gives the same manifests again", () => {
  fc.assert(
    fc.property(anyPresentation, (presentation) => {
      const whole = { ...presentation, text: [german, english, signs] };
      const read = readPresentation(writePresentation(whole));
      if (read === null) throw new Error("what was written can be read");
      expect(buildMpd(read)).toBe(buildMpd(whole));
      expect(buildMasterPlaylist(read)).toBe(buildMasterPlaylist(whole));
    }),
  );
});

test.each(["", "{}", "null", '{"version":2}', '{"version":1,"presentation":{"video":[]}}'])(
  "%j is no presentation",
  (text) => {
    expect(readPresentation(text)).toBeNull();
  },
);

describe("text tracks in HLS", () => {
  test("are one group that every variant names", () => {
    const master = buildMasterPlaylist(withText);
    expect(master.match(/SUBTITLES="text"/g)).toHaveLength(2);
    const group = parsePlaylist(master).mediaGroups?.SUBTITLES.text ?? {};
    expect(
      Object.entries(group).map(([name, { uri, language, default: shown, forced }]) => [
        name,
        uri,
        language,
        shown,
        forced,
      ]),
    ).toEqual([
      ["German", "s/de/playlist.m3u8", "de", true, false],
      ["For the deaf <& hard of hearing>", "s/en/playlist.m3u8", "en", false, false],
      ["German (forced)", "s/de-2/playlist.m3u8", "de", false, true],
    ]);
    expect(master).toContain('CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog,');
  });

  test("names stay unique, whatever the labels are", () => {
    const text = ["Text 2", "Text", "Text", "German", null].map((label) => ({ ...german, label }));
    const names = [
      ...buildMasterPlaylist({ ...examplePresentation, text }).matchAll(
        /TYPE=SUBTITLES.*?NAME="(.*?)"/g,
      ),
    ];
    expect(names.map(([, name]) => name)).toEqual([
      "Text 2",
      "Text",
      "Text 3",
      "German",
      "German 2",
    ]);
  });

  test("a playlist of one segment over the whole length", () => {
    const playlist = parsePlaylist(buildTextPlaylist(12.470833));
    expect(playlist).toMatchObject({ targetDuration: 12, endList: true, playlistType: "VOD" });
    expect(playlist.segments).toMatchObject([{ uri: "text.vtt", duration: 12.470833 }]);
  });

  test("without text no variant names a group", () => {
    expect(buildMasterPlaylist(examplePresentation)).not.toContain("SUBTITLES");
  });
});
