import { type Cue, CueCollector, type CueList, type TextBudget } from "../../text/cue.ts";
import { movTextCue } from "../../text/mov-text.ts";
import { BoxedCues } from "../../text/mp4-web-vtt.ts";
import { assCue } from "../../text/parse-ass.ts";
import { srtCue } from "../../text/parse-srt.ts";
import { webVttCue } from "../../text/parse-web-vtt.ts";
import { type TextPacket, TextReader } from "../ffmpeg/text-reader.ts";
import type { TranscodePlan } from "../plan/plan.ts";
import type { TextPlan } from "../plan/text-plan.ts";
import type { Source } from "../source.ts";
import type { TextFormat } from "../source-facts.ts";

export type TextWork = {
  readonly source: Source;
  readonly plan: TranscodePlan;
  readonly signal: AbortSignal;
};

/** The cues of one text track, in the presentation's time. */
export type TextOutcome = CueList & { readonly id: string };

/** All text of one source together, in UTF-16 units: forty tracks of a long film. */
const MAX_SOURCE_CHARACTERS = 16_000_000;

/** How long a subtitle is shown of which the container does not say it, unless another one comes. */
const UNKNOWN_SECONDS = 5;

/** Reads all text tracks in one pass over the source. */
export const renderText = async ({ source, plan, signal }: TextWork): Promise<TextOutcome[]> => {
  if (plan.text.length === 0) return [];
  const budget: TextBudget = { characters: MAX_SOURCE_CHARACTERS };
  const tracks = new Map(
    plan.text.map((track) => [track.streamIndex, new TrackCues(track, plan.originSeconds, budget)]),
  );
  await using reader = await TextReader.open(source, [...tracks.keys()]);
  for await (const packet of reader.packets()) {
    signal.throwIfAborted();
    tracks.get(packet.streamIndex)?.add(packet);
  }
  return [...tracks.values()].map((track) => track.finish());
};

/** Collects one track; a cue without a length waits for the next one. */
class TrackCues {
  readonly #track: TextPlan;
  readonly #originSeconds: number;
  readonly #cues: CueCollector;
  readonly #boxed = new BoxedCues();
  #open: { readonly packet: TextPacket; readonly startSeconds: number } | null = null;

  constructor(track: TextPlan, originSeconds: number, budget: TextBudget) {
    this.#track = track;
    this.#originSeconds = originSeconds;
    this.#cues = new CueCollector(budget);
  }

  add(packet: TextPacket): void {
    const startSeconds = packet.startSeconds - this.#originSeconds;
    this.#close(startSeconds);
    if (packet.durationSeconds === null) this.#open = { packet, startSeconds };
    else this.#take(packet, startSeconds, startSeconds + packet.durationSeconds);
  }

  finish(): TextOutcome {
    this.#close(Number.POSITIVE_INFINITY);
    for (const cue of this.#boxed.finish()) this.#cues.add(cue);
    return { id: this.#track.id, ...this.#cues.finish() };
  }

  #close(atSeconds: number): void {
    if (this.#open === null) return;
    const { packet, startSeconds } = this.#open;
    this.#open = null;
    const latest = startSeconds + UNKNOWN_SECONDS;
    this.#take(
      packet,
      startSeconds,
      atSeconds > startSeconds ? Math.min(atSeconds, latest) : latest,
    );
  }

  #take(packet: TextPacket, startSeconds: number, endSeconds: number): void {
    const time = { startSeconds, endSeconds };
    if (this.#track.format !== "mp4-web-vtt") {
      this.#cues.add(read[this.#track.format](time, packet));
      return;
    }
    for (const cue of this.#boxed.take(time, packet.bytes)) this.#cues.add(cue);
  }
}

type Time = { readonly startSeconds: number; readonly endSeconds: number };
type Read = (time: Time, packet: TextPacket) => Cue;

/** Containers hold UTF-8 (Matroska and WebM demand it; for MP4 see `movTextCue`). */
const textOf = ({ bytes }: TextPacket): string => new TextDecoder().decode(bytes);

const read: Readonly<Record<Exclude<TextFormat, "mp4-web-vtt">, Read>> = {
  "mov-text": (time, { bytes }) => movTextCue(time, bytes),
  srt: (time, packet) => srtCue(time, textOf(packet)),
  ass: (time, packet) => assCue(time, textOf(packet)),
  "web-vtt": (time, packet) => webVttCue(time, packet.settings, textOf(packet)),
};
