import { DEFAULT_LOUDNESS_LUFS } from "../loudness.ts";
import type { ObjectLocation } from "../storage/object-location.ts";
import type { SourceWarning, TranscodeResult } from "../videos/job-message.ts";
import { considerCopy } from "./consider-copy.ts";
import { cutShort } from "./cut-short.ts";
import { drawSound, SOUND_PICTURE_COLUMNS } from "./ffmpeg/sound-picture.ts";
import { measureSound } from "./measure.ts";
import { openOutput } from "./output.ts";
import { CopyFailed, endsWithSound } from "./plan/copy-plan.ts";
import { planTranscode, type TranscodePlan } from "./plan/plan.ts";
import { settleSound } from "./plan/settle-sound.ts";
import { probe } from "./probe.ts";
import { type Progress, ProgressMeter } from "./progress.ts";
import { Publisher } from "./publish.ts";
import { textWarnings } from "./publish-text.ts";
import { type RenderOutcome, render, WHOLE } from "./render/render.ts";
import type { SegmentSink } from "./render/segment-sink.ts";
import { openSource } from "./source.ts";
import { toNumber } from "./source-facts.ts";

export type TranscodeEvent =
  | {
      readonly type: "started";
      readonly durationSeconds: number | null;
      /** As far as the headers go: the sound is measured after this, and may make it longer. */
      readonly plan: TranscodePlan;
    }
  | ({ readonly type: "progress" } & Progress)
  | { readonly type: "playable" };

export type TranscodeOptions = {
  /** Ends the work; the returned promise rejects with the signal's reason once nothing runs any more. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: TranscodeEvent) => void;
  /** Something moved: a picture was encoded or a segment written. For a watchdog. */
  readonly onActivity?: () => void;
  /** Longest source accepted, in seconds; default 12 hours. */
  readonly maxDurationSeconds?: number;
  /** What sound is brought to, in LUFS; null leaves it alone. Default -16. */
  readonly loudnessLufs?: number | null;
  /** Default false: an output that holds anything is refused. */
  readonly overwrite?: boolean;
  /** Default true: a failed or interrupted run takes away what it wrote. */
  readonly discardOnFailure?: boolean;
  /** Default true: a source whose pictures can become the highest rung as they are is not encoded again. */
  readonly mayCopy?: boolean;
};

export const DEFAULT_MAX_DURATION_SECONDS = 12 * 3600;

/** Progress events come at most this often. */
const PROGRESS_INTERVAL_MS = 500;

/**
 * A source in, a presentation out: probe, plan, measure, render, package, publish. Throws `SluiceError`
 * (`source_*`, `output_*`, `transcode_failed`) or the signal's reason; then no manifest exists.
 */
export const transcode = async (
  from: string | ObjectLocation,
  to: string | ObjectLocation,
  options: TranscodeOptions,
): Promise<TranscodeResult> => {
  const { signal, onEvent, maxDurationSeconds = DEFAULT_MAX_DURATION_SECONDS } = options;
  const { loudnessLufs = DEFAULT_LOUDNESS_LUFS } = options;
  const source = await openSource(from, { signal });
  const { facts, warnings } = await probe(source, { maxDurationSeconds });
  const onActivity = options.onActivity ?? (() => {});
  const encoding = planTranscode(facts, { maxDurationSeconds });
  const copying =
    options.mayCopy === false
      ? null
      : (await considerCopy(source, facts, encoding, { signal, onActivity })).plan;
  const sketch = copying ?? encoding;
  signal.throwIfAborted();
  const output = await openOutput(to, { overwrite: options.overwrite ?? false });
  onEvent({ type: "started", durationSeconds: facts.durationSeconds, plan: sketch });

  let meter = new ProgressMeter(sketch, () => performance.now());
  const report = () => onEvent({ type: "progress", ...meter.read() });
  const ticker = setInterval(report, PROGRESS_INTERVAL_MS);
  let publisher: Publisher | null = null;
  try {
    const measured = await measureSound(source, sketch, { signal, onActivity });
    const settled = settleSound(sketch, measured, loudnessLufs);
    const settledEncoding = settleSound(encoding, measured, loudnessLufs);
    let plan = endsWithSound(settled) ? settled : settledEncoding;
    publisher = new Publisher(plan, output);
    meter = new ProgressMeter(plan, () => performance.now());
    const onPicture = (rungId: string, position: number) => {
      meter.picture(rungId, position);
      onActivity();
    };
    const onSound = (trackId: string, seconds: number) => {
      meter.sound(trackId, seconds);
      onActivity();
    };
    const [{ shape } = { shape: null }] = measured;
    if (shape !== null)
      publisher.sink.poster(await drawSound(shape.columns(SOUND_PICTURE_COLUMNS)));
    const renderInto = ({ sink: written }: Publisher): Promise<RenderOutcome> => {
      const sink: SegmentSink = {
        ...written,
        segment: async (...closed) => {
          await written.segment(...closed);
          onActivity();
        },
      };
      return render(source, plan, WHOLE, sink, { signal, onPicture, onSound });
    };
    let outcome: RenderOutcome;
    try {
      outcome = await renderInto(publisher);
    } catch (thrown) {
      if (!(thrown instanceof CopyFailed)) throw thrown;
      // Nothing of it has been published: the same source once more, with every rung encoded.
      await publisher.abandon();
      await output.clear();
      plan = settledEncoding;
      publisher = new Publisher(plan, output);
      outcome = await renderInto(publisher);
    }
    const result = await publisher.finish(
      outcome.text,
      [
        ...warnings,
        ...planWarnings(plan),
        ...damageWarnings(outcome),
        ...cutShort(facts, madeSeconds(plan, outcome)),
        ...textWarnings(outcome.text),
      ],
      signal,
    );
    onEvent({ type: "playable" });
    return result;
  } catch (thrown) {
    await publisher?.abandon();
    if (options.discardOnFailure !== false) await output.discard();
    throw thrown;
  } finally {
    clearInterval(ticker);
  }
};

const planWarnings = ({ rungs, emptyRungs }: TranscodePlan): SourceWarning[] => {
  const top = rungs.at(-1);
  if (top === undefined || emptyRungs.length === 0) return [];
  const names = emptyRungs.map(({ name }) => name).join(" and ");
  return [
    {
      code: "rendition_left_out",
      message: `The picture was enlarged before it was uploaded and shows no more than ${top.name}, so ${names} was left out.`,
    },
  ];
};

const madeSeconds = (plan: TranscodePlan, { video }: RenderOutcome): number =>
  plan.picture === null ? plan.soundEndSeconds : video.pictures / toNumber(plan.frameRate);

const damageWarnings = ({ video, audio }: RenderOutcome): SourceWarning[] => {
  const warnings: SourceWarning[] = [];
  if (video.damaged > 0) {
    warnings.push({
      code: "frames_damaged",
      message: `${video.damaged} pictures of the source are damaged; they were left out or repaired.`,
    });
  }
  const damagedSound = audio.reduce((sum, track) => sum + track.damaged, 0);
  if (damagedSound > 0) {
    warnings.push({
      code: "sound_damaged",
      message: `${damagedSound} pieces of the source's sound are damaged; they were left out.`,
    });
  }
  if (audio.some(({ segments }) => segments === 0)) {
    warnings.push({
      code: "sound_undecodable",
      message: "Some of the sound could not be decoded.",
    });
  }
  return warnings;
};
