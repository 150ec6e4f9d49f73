import { buildIFramePlaylist } from "../presentation/hls-i-frames.ts";
import { buildMasterPlaylist } from "../presentation/hls-master.ts";
import { buildMediaPlaylist } from "../presentation/hls-media-playlist.ts";
import { buildMpd } from "../presentation/mpd.ts";
import {
  iFramePlaylistName,
  initSegmentName,
  masterPlaylistName,
  mediaPlaylistName,
  mpdName,
  posterName,
  presentationName,
  resultName,
  segmentName,
  sheetName,
  thumbnailIndexName,
  thumbnailsPath,
} from "../presentation/names.ts";
import type { ThumbnailSheet } from "../presentation/presentation.ts";
import { writePresentation } from "../presentation/presentation-file.ts";
import { buildThumbnailIndex } from "../presentation/thumbnails.ts";
import { tracksOf } from "../presentation/timing.ts";
import type { SourceWarning, TranscodeResult } from "../videos/job-message.ts";
import type { Output } from "./output.ts";
import { readInitSegment } from "./packaging/init-segment.ts";
import { readMediaSegment } from "./packaging/media-segment.ts";
import type { TranscodePlan } from "./plan/plan.ts";
import { firstPicture } from "./plan/timeline.ts";
import { presentationOf, trackFolder } from "./presentation-of.ts";
import { textFiles } from "./publish-text.ts";
import { type Published, ResumeFailed, type WholeRung } from "./published.ts";
import { QualityMeans } from "./quality-means.ts";
import type { SegmentSink, TrackRef } from "./render/segment-sink.ts";
import type { TextOutcome } from "./render/text.ts";
import { transcodeResult } from "./transcode-result.ts";
import { WriteBehind } from "./write-behind.ts";
import { appendSegment, type WrittenTrack } from "./written-track.ts";

/**
 * Writes segments as they close and, when all are there, the manifests that name them, then the
 * result. No manifest exists before everything it names.
 */
export class Publisher {
  readonly sink: SegmentSink;
  readonly #plan: TranscodePlan;
  readonly #output: Output;
  readonly #writes = new WriteBehind();
  readonly #tracks = new Map<string, WrittenTrack>();
  readonly #sheets: ThumbnailSheet[] = [];
  readonly #qualities = new QualityMeans();
  readonly #whole = new Map<string, WholeRung>();
  readonly #resumed: Published | null;
  readonly #onWhole: () => void;
  #poster: Uint8Array | null = null;

  /**
   * @param options.resumed what lies in the output already, of an earlier attempt
   * @param options.onWhole called whenever a rung has one more whole segment
   */
  constructor(
    plan: TranscodePlan,
    output: Output,
    {
      resumed = null,
      onWhole = () => {},
    }: { resumed?: Published | null; onWhole?: () => void } = {},
  ) {
    this.#plan = plan;
    this.#output = output;
    this.#resumed = resumed;
    this.#onWhole = onWhole;
    if (resumed !== null) this.#takeUp(resumed);
    this.sink = {
      init: (track, bytes) => this.#writeInit(track, bytes),
      segment: (track, number, bytes) => this.#writeSegment(track, number, bytes),
      poster: (bytes) => {
        this.#poster = bytes;
      },
      quality: (track, pictures, ssim) => {
        if (ssim !== null) this.#qualities.add(trackFolder(track), pictures, ssim);
        this.#noteWhole(track);
      },
      sheet: (number, tiles, bytes) => this.#writeSheet(number, tiles, bytes),
    };
  }

  /** Makes the presentation visible. Throws when a segment could not be written, or the signal's reason. */
  async finish(
    text: readonly TextOutcome[],
    warnings: readonly SourceWarning[],
    signal: AbortSignal,
  ): Promise<TranscodeResult> {
    await this.#writes.settled();
    signal.throwIfAborted();
    const media = presentationOf(this.#plan, this.#tracks, this.#sheets);
    const written = textFiles(this.#plan.text, text, media.durationSeconds);
    const presentation = { ...media, text: written.map(({ track }) => track) };
    const texts = new Map<string, string | Uint8Array>(written.flatMap(({ files }) => [...files]));
    texts.set(presentationName, writePresentation(presentation));
    for (const track of tracksOf(presentation)) {
      texts.set(`${track.path}/${mediaPlaylistName}`, buildMediaPlaylist(track, presentation));
    }
    for (const track of presentation.video) {
      texts.set(`${track.path}/${iFramePlaylistName}`, buildIFramePlaylist(track));
    }
    const { thumbnails, durationSeconds } = presentation;
    if (thumbnails !== undefined) {
      const index = buildThumbnailIndex(thumbnails, durationSeconds);
      texts.set(`${thumbnails.path}/${thumbnailIndexName}`, index);
    }
    // What they name has to be there before them.
    const entrances = new Map([
      [masterPlaylistName, buildMasterPlaylist(presentation)],
      [mpdName, buildMpd(presentation)],
    ]);
    const poster = this.#poster;
    if (poster !== null) await this.#write(posterName, poster);
    const initBytes = [...this.#tracks.values()].reduce((sum, track) => sum + track.initBytes, 0);
    const sheetBytes = this.#sheets.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    let manifestBytes = 0;
    for (const some of [texts, entrances]) {
      for (const [name, text] of some) {
        const bytes = Buffer.from(text);
        manifestBytes += bytes.length;
        await this.#write(name, bytes);
      }
      await this.#writes.settled();
    }
    const result = transcodeResult({
      presentation,
      frameRate: this.#plan.frameRate,
      qualities: this.#qualities,
      sound: this.#plan.audio.filter(({ id }) =>
        this.#tracks.has(trackFolder({ kind: "audio", id })),
      ),
      poster: poster === null ? null : posterName,
      otherBytes: manifestBytes + initBytes + sheetBytes + (poster?.length ?? 0),
      warnings,
    });
    await this.#output.put(resultName, Buffer.from(`${JSON.stringify(result, null, 2)}\n`));
    return result;
  }

  /** What would be lost if the work ended here: see `Published`. Rungs without a whole segment are missing. */
  get state(): Pick<Published, "whole" | "sheets" | "poster"> {
    return { whole: new Map(this.#whole), sheets: [...this.#sheets], poster: this.#poster };
  }

  /** Resolves when all that was handed to the sink so far lies in the output; throws when it could not be written. */
  flushed(): Promise<void> {
    return this.#writes.flushed();
  }

  /** Waits until no write is under way any more, whatever came of them. */
  async abandon(): Promise<void> {
    await this.#writes.settled().catch(() => {});
  }

  async #writeInit(track: TrackRef, bytes: Uint8Array): Promise<void> {
    const resumed = this.#resumed?.headers.get(trackFolder(track));
    if (resumed !== undefined) {
      if (Buffer.compare(resumed, bytes) !== 0) throw new ResumeFailed("another header");
      return;
    }
    const init = readInitSegment(bytes);
    const written = {
      init,
      initBytes: bytes.length,
      startTicks: 0,
      endTicks: 0,
      segments: [],
      iFrames: [],
    };
    this.#tracks.set(trackFolder(track), written);
    await this.#write(`${trackFolder(track)}/${initSegmentName}`, bytes);
  }

  async #writeSegment(track: TrackRef, number: number, bytes: Uint8Array): Promise<void> {
    const written = this.#tracks.get(trackFolder(track));
    if (written === undefined) throw new Error(`no header before segment ${number}`);
    try {
      appendSegment(written, number, readMediaSegment(bytes, written.init), track.kind);
    } catch (thrown) {
      if (this.#resumed === null) throw thrown;
      throw new ResumeFailed("segments do not meet", { cause: thrown });
    }
    await this.#write(`${trackFolder(track)}/${segmentName(number)}`, bytes);
    if (track.kind === "video" && track.id === this.#plan.copy?.rungId) this.#noteWhole(track);
  }

  async #writeSheet(number: number, tiles: number, bytes: Uint8Array): Promise<void> {
    this.#sheets.push({ tiles, sizeBytes: bytes.length });
    await this.#write(`${thumbnailsPath}/${sheetName(number)}`, bytes);
  }

  /** Segments count when their quality is known and none is shorter than planned, as the last one may be. */
  #noteWhole(track: TrackRef): void {
    const folder = trackFolder(track);
    const written = this.#tracks.get(folder);
    if (written === undefined) return;
    const segments = written.segments.length;
    const { timeline, ticksPerFrame } = this.#plan;
    const plannedTicks = firstPicture(timeline, segments) * ticksPerFrame;
    if (written.endTicks - written.startTicks !== plannedTicks) return;
    this.#whole.set(track.id, { segments, quality: this.#qualities.sum(folder) });
    this.#onWhole();
  }

  #takeUp({ tracks, whole, sheets, poster }: Published): void {
    for (const [folder, track] of tracks) this.#tracks.set(folder, track);
    for (const [id, rung] of whole) {
      this.#whole.set(id, rung);
      if (rung.quality !== null) {
        this.#qualities.resume(trackFolder({ kind: "video", id }), rung.quality);
      }
    }
    this.#sheets.push(...sheets);
    this.#poster = poster;
  }

  #write(name: string, bytes: Uint8Array): Promise<void> {
    return this.#writes.add(() => this.#output.put(name, bytes));
  }
}
