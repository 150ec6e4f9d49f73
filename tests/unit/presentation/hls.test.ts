import { describe, expect, test } from "bun:test";
import { buildIFramePlaylist } from "../../../src/presentation/hls-i-frames.ts";
import { buildMasterPlaylist } from "../../../src/presentation/hls-master.ts";
import { buildMediaPlaylist } from "../../../src/presentation/hls-media-playlist.ts";
import { parsePlaylist } from "../../fixtures/parse-manifests.ts";
import { englishAudio, examplePresentation } from "./example-presentation.ts";

const goldenMaster = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="a/en/playlist.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=368690,AVERAGE-BANDWIDTH=339874,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=23.976,VIDEO-RANGE=SDR,AUDIO="audio"
v/360/playlist.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=848210,AVERAGE-BANDWIDTH=763263,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=23.976,VIDEO-RANGE=SDR,AUDIO="audio"
v/720/playlist.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=24976,AVERAGE-BANDWIDTH=22453,CODECS="avc1.64001f",RESOLUTION=640x360,VIDEO-RANGE=SDR,URI="v/360/iframes.m3u8"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=72928,AVERAGE-BANDWIDTH=64792,CODECS="avc1.64001f",RESOLUTION=1280x720,VIDEO-RANGE=SDR,URI="v/720/iframes.m3u8"
`;

const goldenIFrames = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-I-FRAMES-ONLY
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2.002000,
#EXT-X-BYTERANGE:10500@0
1.m4s
#EXTINF:2.002000,
#EXT-X-BYTERANGE:9000@61234
1.m4s
#EXTINF:4.004000,
#EXT-X-BYTERANGE:12500@0
2.m4s
#EXT-X-ENDLIST
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

  test("without pictures the rates are those of the largest language, not a sum", () => {
    const large = englishAudio.segments.map((each) => ({ ...each, sizeBytes: 2 * each.sizeBytes }));
    const german = { ...englishAudio, id: "a-de", path: "a/de", language: "de", segments: large };
    const both = { ...examplePresentation, video: [], audio: [englishAudio, german] };
    const alone = { ...examplePresentation, video: [], audio: [german] };
    const ratesOf = (presentation: typeof both) =>
      /#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+/.exec(
        buildMasterPlaylist(presentation),
      )?.[0];
    expect(ratesOf(both)).toBe(ratesOf(alone) ?? "");
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

  test("lists I-frames by byte ranges, several in a segment", () => {
    const [track] = examplePresentation.video;
    if (track === undefined) throw new Error("the example has rungs");
    const iFrames = [
      { segmentNumber: 1, offsetBytes: 0, sizeBytes: 10_500, durationTicks: 48_048 },
      { segmentNumber: 1, offsetBytes: 61_234, sizeBytes: 9_000, durationTicks: 48_048 },
      { segmentNumber: 2, offsetBytes: 0, sizeBytes: 12_500, durationTicks: 96_096 },
    ];
    expect(buildIFramePlaylist({ ...track, iFrames })).toBe(goldenIFrames);
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
