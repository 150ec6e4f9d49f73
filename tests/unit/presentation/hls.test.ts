import { describe, expect, test } from "bun:test";
import { buildMasterPlaylist, buildMediaPlaylist } from "../../../src/presentation/hls.ts";
import { parsePlaylist } from "../../fixtures/parse-manifests.ts";
import { englishAudio, examplePresentation } from "./example-presentation.ts";

const goldenMaster = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="a/en/playlist.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=368690,AVERAGE-BANDWIDTH=339874,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=23.976,AUDIO="audio"
v/360/playlist.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=848210,AVERAGE-BANDWIDTH=763263,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=23.976,AUDIO="audio"
v/720/playlist.m3u8
`;

const goldenMedia = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init.mp4"
#EXTINF:4.010667,
1.m4s
#EXTINF:4.010666,
2.m4s
#EXTINF:4.010667,
3.m4s
#EXTINF:0.469333,
4.m4s
#EXT-X-ENDLIST
`;

describe("buildMasterPlaylist", () => {
  test("writes the whole playlist of two rungs and a language", () => {
    expect(buildMasterPlaylist(examplePresentation)).toBe(goldenMaster);
  });

  test("a silent source has no audio group and no audio codec", () => {
    const playlist = buildMasterPlaylist({ ...examplePresentation, audio: [] });
    expect(playlist).not.toContain("AUDIO");
    expect(playlist).toContain(',CODECS="avc1.64001f",');
  });

  test("a source without pictures has one variant, in its first language", () => {
    expect(buildMasterPlaylist({ ...examplePresentation, video: [] })).toEndWith(
      'CODECS="mp4a.40.2",AUDIO="audio"\na/en/playlist.m3u8\n',
    );
  });

  test("only the first language is the default, and names stay unique", () => {
    const audio = ["he", "he", "und", "not a tag"].map((language, index) => ({
      ...englishAudio,
      language,
      path: `a/${index}`,
    }));
    const group = parsePlaylist(buildMasterPlaylist({ ...examplePresentation, audio })).mediaGroups
      ?.AUDIO.audio;
    expect(Object.keys(group ?? {})).toEqual(["Hebrew", "Hebrew 2", "Audio", "not a tag"]);
    expect(Object.values(group ?? {}).map((rendition) => rendition.default)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test("what could end a quoted string early is dropped", () => {
    const hostile = { ...englishAudio, language: 'en",URI="evil\n#EXT' };
    const [rendition] = buildMasterPlaylist({ ...examplePresentation, audio: [hostile] }).match(
      /^#EXT-X-MEDIA.*$/m,
    ) ?? [""];
    expect(rendition).toContain('LANGUAGE="en,URI=evil#EXT",DEFAULT=YES');
  });
});

describe("buildMediaPlaylist", () => {
  test("writes the whole playlist of a language", () => {
    expect(buildMediaPlaylist(englishAudio, examplePresentation)).toBe(goldenMedia);
  });

  test("one that still grows is an EVENT playlist without an end", () => {
    const playlist = buildMediaPlaylist(englishAudio, examplePresentation, { complete: false });
    expect(playlist).toContain("#EXT-X-PLAYLIST-TYPE:EVENT\n");
    expect(playlist).not.toContain("#EXT-X-ENDLIST");
  });

  test("a source shorter than half a second still declares a target duration of 1", () => {
    const blink = { ...englishAudio, segments: [{ durationTicks: 4_800, sizeBytes: 900 }] };
    expect(
      buildMediaPlaylist(blink, { durationSeconds: 0.1, video: [], audio: [blink], text: [] }),
    ).toContain("#EXT-X-TARGETDURATION:1\n");
  });
});
