import { DEFAULT_LOUDNESS_LUFS } from "../loudness.ts";
import type { ObjectLocation } from "../storage/object-location.ts";
import type { TranscodeResult } from "../videos/job-message.ts";
import { considerCopy } from "./consider-copy.ts";
import type { EarlierAttempt } from "./earlier-attempt.ts";
import { drawSound, SOUND_PICTURE_COLUMNS } from "./ffmpeg/sound-picture.ts";
import { measureSound } from "./measure.ts";
import { openOutput } from "./output.ts";
import { endsWithSound } from "./plan/copy-plan.ts";
import { planTranscode, type TranscodePlan } from "./plan/plan.ts";
import { settleSound } from "./plan/settle-sound.ts";
import { probe } from "./probe.ts";
import { Production } from "./production.ts";
import { type Progress, ProgressMeter } from "./progress.ts";
import { openSource } from "./source.ts";
import { Stores } from "./stores.ts";
import { renderWarnings } from "./warnings.ts";

export type TranscodeEvent =
  | {
      readonly type: "started";
      readonly durationSeconds: number | null;
      /** As far as the headers go: the sound is measured after this, and may make it longer. */
      readonly plan: TranscodePlan;
    }
  /** So many segments of an earlier attempt need not be made again. */
  | { readonly type: "resumed"; readonly segments: number }
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
  /**
   * Leaves checkpoints in the output, and goes on with what an earlier attempt left in its own. Default:
   * neither.
   */
  readonly checkpoints?: { readonly earlier: EarlierAttempt | null };
  /** Where locations in S3 are opened; default: with the SDK's own chain of credentials. */
  readonly stores?: Stores;
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
  const { stores = new Stores() } = options;
  const source = await openSource(from, { signal, stores });
  const { facts, warnings } = await probe(source, { maxDurationSeconds });
  const onActivity = options.onActivity ?? (() => {});
  const encoding = planTranscode(facts, { maxDurationSeconds });
  const copying =
    options.mayCopy === false
      ? null
      : (await considerCopy(source, facts, encoding, { signal, onActivity })).plan;
  const sketch = copying ?? encoding;
  signal.throwIfAborted();
  const output = await openOutput(to, { overwrite: options.overwrite ?? false, stores });
  onEvent({ type: "started", durationSeconds: facts.durationSeconds, plan: sketch });

  using progress = startProgress(sketch, onEvent);
  let production: Production | null = null;
  try {
    const measured = await measureSound(source, sketch, { signal, onActivity });
    const settled = settleSound(sketch, measured, loudnessLufs);
    const settledEncoding = settleSound(encoding, measured, loudnessLufs);
    const [{ shape } = { shape: null }] = measured;
    production = new Production({
      source,
      output,
      plan: endsWithSound(settled) ? settled : settledEncoding,
      encoding: settledEncoding,
      poster: shape === null ? null : await drawSound(shape.columns(SOUND_PICTURE_COLUMNS)),
      checkpoints: options.checkpoints ?? null,
      signal,
      onActivity,
      onResumed: (segments) => onEvent({ type: "resumed", segments }),
      onPlan: progress.begin,
    });
    const outcome = await production.render();
    const found = renderWarnings(facts, production.plan, outcome);
    const result = await production.finish(outcome, [...warnings, ...found]);
    onEvent({ type: "playable" });
    return result;
  } catch (thrown) {
    await production?.abandon();
    if (options.discardOnFailure !== false) await output.discard();
    throw thrown;
  }
};

/** Tells now and then how far the plan that is carried out has come. */
const startProgress = (
  sketch: TranscodePlan,
  onEvent: TranscodeOptions["onEvent"],
): Disposable & { readonly begin: (plan: TranscodePlan) => ProgressMeter } => {
  const meterOf = (plan: TranscodePlan) => new ProgressMeter(plan, () => performance.now());
  let meter = meterOf(sketch);
  const report = () => onEvent({ type: "progress", ...meter.read() });
  const ticker = setInterval(report, PROGRESS_INTERVAL_MS);
  return {
    begin: (plan) => {
      meter = meterOf(plan);
      return meter;
    },
    [Symbol.dispose]: () => clearInterval(ticker),
  };
};
