import { describe, expect, test } from "bun:test";
import { buildMpd } from "../../../src/presentation/mpd.ts";
import { parseMpd } from "../../fixtures/parse-manifests.ts";
import { englishAudio, examplePresentation } from "./example-presentation.ts";

const goldenMpd = `<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019" type="static" mediaPresentationDuration="PT12.470833S" maxSegmentDuration="PT4.010667S" minBufferTime="PT4.010667S">
  <Period id="0" start="PT0S">
    <AdaptationSet id="0" contentType="video" mimeType="video/mp4" par="16:9" sar="1:1" maxWidth="1280" maxHeight="720" maxFrameRate="24000/1001" segmentAlignment="true" startWithSAP="1">
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <SegmentTemplate timescale="24000" initialization="init.mp4" media="$Number$.m4s" startNumber="1">
        <SegmentTimeline>
          <S t="0" d="96096" r="2"/>
          <S d="11011"/>
        </SegmentTimeline>
      </SegmentTemplate>
      <Representation id="v360" codecs="avc1.64001f" width="640" height="360" frameRate="24000/1001" bandwidth="239362">
        <BaseURL>v/360/</BaseURL>
      </Representation>
      <Representation id="v720" codecs="avc1.64001f" width="1280" height="720" frameRate="24000/1001" bandwidth="718086">
        <BaseURL>v/720/</BaseURL>
      </Representation>
    </AdaptationSet>
    <AdaptationSet id="1" contentType="audio" mimeType="audio/mp4" lang="en" segmentAlignment="true" startWithSAP="1">
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <SegmentTemplate timescale="48000" initialization="init.mp4" media="$Number$.m4s" startNumber="1">
        <SegmentTimeline>
          <S t="0" d="192512" r="2"/>
          <S d="22528"/>
        </SegmentTimeline>
      </SegmentTemplate>
      <Representation id="a-en" codecs="mp4a.40.2" audioSamplingRate="48000" bandwidth="128059">
        <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2"/>
        <BaseURL>a/en/</BaseURL>
      </Representation>
    </AdaptationSet>
  </Period>
</MPD>
`;

describe("buildMpd", () => {
  test("writes the whole manifest of two rungs and a language", () => {
    expect(buildMpd(examplePresentation)).toBe(goldenMpd);
  });

  test("a silent source has no audio set", () => {
    const mpd = buildMpd({ ...examplePresentation, audio: [] });
    expect(mpd).not.toContain("audio");
    expect(parseMpd(mpd, "https://a.example/manifest.mpd").video).toHaveLength(2);
  });

  test("a source without pictures has no video set, and sets are numbered from 0", () => {
    const mpd = buildMpd({ ...examplePresentation, video: [] });
    expect(mpd).not.toContain("video");
    expect(mpd).toContain('<AdaptationSet id="0" contentType="audio"');
  });

  test("every language has its own set", () => {
    const german = { ...englishAudio, id: "a-de", path: "a/de", language: "de" };
    const mpd = buildMpd({ ...examplePresentation, audio: [englishAudio, german] });
    expect([...mpd.matchAll(/lang="(\w+)"/g)].map(([, language]) => language)).toEqual([
      "en",
      "de",
    ]);
  });

  test("a second track of one language is an alternate", () => {
    const commentary = { ...englishAudio, id: "a-en-2", path: "a/en-2" };
    const mpd = buildMpd({ ...examplePresentation, audio: [englishAudio, commentary] });
    const roles = [...mpd.matchAll(/role:2011" value="(\w+)"/g)].map(([, role]) => role);
    expect(roles).toEqual(["main", "main", "alternate"]); // pictures first
  });

  test("refuses rungs whose segments do not start together", () => {
    const [low, high] = examplePresentation.video;
    if (low === undefined || high === undefined) throw new Error("the example has two rungs");
    const shifted = { ...high, segments: high.segments.slice(1) };
    expect(() => buildMpd({ ...examplePresentation, video: [low, shifted] })).toThrow(
      "v720 are not aligned with those of v360",
    );
  });

  test("escapes what could break out of an attribute or an element", () => {
    const hostile = { ...englishAudio, language: '"><x a="&', path: "a/<&" };
    const mpd = buildMpd({ ...examplePresentation, audio: [hostile] });
    expect(mpd).toContain('lang="&quot;&gt;&lt;x a=&quot;&amp;"');
    expect(mpd).toContain("<BaseURL>a/%3C&amp;/</BaseURL>");
  });

  test("writes 7.1 sound by its index in the standard's table, not by its number of channels", () => {
    const mpd = buildMpd({ ...examplePresentation, audio: [{ ...englishAudio, channels: 8 }] });
    expect(mpd).toContain('audio_channel_configuration:2011" value="12"');
  });
});
