import { SluiceError } from "../errors.ts";
import type { RenditionSummary, SourceWarning, TranscodeResult } from "../videos/job-message.ts";
import { languageTag } from "./language-tag.ts";
import type { Output } from "./output.ts";
import { averageBandwidth, peakBandwidth } from "./packaging/bandwidth.ts";
import { buildMasterPlaylist, buildMediaPlaylist, targetDurationSeconds } from "./packaging/hls.ts";
import { type InitSegment, readInitSegment } from "./packaging/init-segment.ts";
import { readMediaSegment } from "./packaging/media-segment.ts";
import { buildMpd } from "./packaging/mpd.ts";
import {
  initSegmentName,
  masterPlaylistName,
  mediaPlaylistName,
  mpdName,
  segmentName,
} from "./packaging/names.ts";
import type { AudioTrack, Presentation, VideoTrack } from "./packaging/presentation.ts";
import { tracksOf } from "./packaging/presentation-timing.ts";
import type { TranscodePlan } from "./plan.ts";
import type { SegmentSink, TrackRef } from "./render/segment-sink.ts";
import { toNumber } from "./source-facts.ts";
import { WriteBehind } from "./write-behind.ts";

export const posterName = "poster.jpg";
/** Lies beside the manifests, so that a lost callback can be rebuilt. */
export const resultName = "result.json";

type Written = {
  readonly init: InitSegment;
  readonly initBytes: number;
  startTicks: number;
  readonly segments: { readonly durationTicks: number; readonly sizeBytes: number }[];
};

/**
 * Writes segments as they close and, when all are there, the manifests that name them, then the
 * result. No manifest exists before everything it names.
 */
export class Publisher {
  readonly sink: SegmentSink;
  readonly #plan: TranscodePlan;
  readonly #output: Output;
  readonly #writes = new WriteBehind();
  readonly #tracks = new Map<string, Written>();
  #poster: Uint8Array | null = null;

  constructor(plan: TranscodePlan, output: Output) {
    this.#plan = plan;
    this.#output = output;
    this.sink = {
      init: (track, bytes) => this.#writeInit(track, bytes),
      segment: (track, number, bytes) => this.#writeSegment(track, number, bytes),
      poster: (bytes) => {
        this.#poster = bytes;
      },
    };
  }

  /** Makes the presentation visible. Throws when a segment could not be written, or the signal's reason. */
  async finish(warnings: readonly SourceWarning[], signal: AbortSignal): Promise<TranscodeResult> {
    await this.#writes.settled();
    signal.throwIfAborted();
    const presentation = this.#presentation();
    const texts = new Map<string, string>();
    for (const track of tracksOf(presentation)) {
      texts.set(`${track.path}/${mediaPlaylistName}`, buildMediaPlaylist(track, presentation));
    }
    texts.set(masterPlaylistName, buildMasterPlaylist(presentation));
    texts.set(mpdName, buildMpd(presentation));
    if (this.#poster !== null) await this.#output.put(posterName, this.#poster);
    let manifestBytes = 0;
    for (const [name, text] of texts) {
      const bytes = Buffer.from(text);
      manifestBytes += bytes.length;
      await this.#output.put(name, bytes);
    }
    const result = this.#result(presentation, manifestBytes, warnings);
    await this.#output.put(resultName, Buffer.from(`${JSON.stringify(result, null, 2)}\n`));
    return result;
  }

  /** Waits until no write is under way any more, whatever came of them. */
  async abandon(): Promise<void> {
    await this.#writes.settled().catch(() => {});
  }

  async #writeInit(track: TrackRef, bytes: Uint8Array): Promise<void> {
    const init = readInitSegment(bytes);
    const written = { init, initBytes: bytes.length, startTicks: 0, segments: [] };
    this.#tracks.set(folder(track), written);
    await this.#write(`${folder(track)}/${initSegmentName}`, bytes);
  }

  async #writeSegment(track: TrackRef, number: number, bytes: Uint8Array): Promise<void> {
    const written = this.#tracks.get(folder(track));
    if (written === undefined) throw new Error(`no header before segment ${number}`);
    const { startTicks, durationTicks, sizeBytes } = readMediaSegment(bytes, written.init);
    if (written.segments.length === 0) written.startTicks = startTicks;
    written.segments.push({ durationTicks, sizeBytes });
    await this.#write(`${folder(track)}/${segmentName(number)}`, bytes);
  }

  #write(name: string, bytes: Uint8Array): Promise<void> {
    return this.#writes.add(() => this.#output.put(name, bytes));
  }

  #presentation(): Presentation {
    const { rungs, audio, frameRate } = this.#plan;
    const video = rungs.flatMap((rung): VideoTrack[] => {
      const { id, name, width, height } = rung;
      const base = this.#base({ kind: "video", id });
      return base === null
        ? []
        : [{ ...base, id: `v${id}`, kind: "video", name, width, height, frameRate }];
    });
    const sound = audio.flatMap((track): AudioTrack[] => {
      const { id, channels, sampleRate } = track;
      const language = languageTag(track.language);
      const base = this.#base({ kind: "audio", id });
      return base === null
        ? []
        : [{ ...base, id: `a-${id}`, kind: "audio", language, channels, sampleRate }];
    });
    if (video.length !== rungs.length) throw new SluiceError("transcode_failed");
    const durationSeconds = Math.max(...[...video, ...sound].map(durationOf));
    return { durationSeconds, video, audio: sound };
  }

  #base(track: TrackRef) {
    const written = this.#tracks.get(folder(track));
    if (written === undefined) return null;
    const { init, startTicks, segments } = written;
    const { codecs, timescale } = init;
    return { path: folder(track), codecs, timescale, startTicks, segments };
  }

  #result(
    presentation: Presentation,
    manifestBytes: number,
    warnings: readonly SourceWarning[],
  ): TranscodeResult {
    const target = targetDurationSeconds(presentation);
    const renditions = presentation.video.map((track): RenditionSummary => {
      const { name, width, height, codecs } = track;
      const frameRate = toNumber(track.frameRate);
      const bandwidth = peakBandwidth(track, target);
      const averageRate = averageBandwidth(track);
      const bytes = bytesOf(track);
      return {
        name,
        width,
        height,
        frameRate,
        codecs,
        bandwidth,
        averageBandwidth: averageRate,
        bytes,
      };
    });
    const top = presentation.video.at(-1);
    const mediaBytes = tracksOf(presentation).reduce((sum, track) => sum + bytesOf(track), 0);
    const initBytes = [...this.#tracks.values()].reduce((sum, track) => sum + track.initBytes, 0);
    return {
      durationSeconds: presentation.durationSeconds,
      width: top?.width ?? 0,
      height: top?.height ?? 0,
      frameRate: toNumber(this.#plan.frameRate),
      hasAudio: presentation.audio.length > 0,
      renditions,
      totalBytes: mediaBytes + initBytes + manifestBytes + (this.#poster?.length ?? 0),
      poster: this.#poster === null ? null : posterName,
      warnings: [...warnings],
    };
  }
}

const folder = ({ kind, id }: TrackRef): string => `${kind === "video" ? "v" : "a"}/${id}`;

const durationOf = ({ segments, timescale }: VideoTrack | AudioTrack): number =>
  segments.reduce((sum, { durationTicks }) => sum + durationTicks, 0) / timescale;

const bytesOf = ({ segments }: VideoTrack | AudioTrack): number =>
  segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
