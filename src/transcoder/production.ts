import { SluiceError } from "../errors.ts";
import { checkpointName } from "../presentation/names.ts";
import type { SourceWarning, TranscodeResult } from "../videos/job-message.ts";
import { checkpointKey } from "./checkpoint.ts";
import { CheckpointWriter } from "./checkpoint-writer.ts";
import type { EarlierAttempt } from "./earlier-attempt.ts";
import type { Output } from "./output.ts";
import { CopyFailed } from "./plan/copy-plan.ts";
import type { TranscodePlan } from "./plan/plan.ts";
import { firstPicture } from "./plan/timeline.ts";
import type { ProgressMeter } from "./progress.ts";
import { Publisher } from "./publish.ts";
import { ResumeFailed } from "./published.ts";
import { type RenderOutcome, render, WHOLE } from "./render/render.ts";
import { type Resumed, resume } from "./resume.ts";
import type { Source } from "./source.ts";

export type ProductionWork = {
  readonly source: Source;
  readonly output: Output;
  /** Carried out first; it may copy a rung. */
  readonly plan: TranscodePlan;
  /** The same with every rung encoded, for a source that turns out not to be what it seemed. */
  readonly encoding: TranscodePlan;
  /** Stands for the video unless its pictures give a better one. */
  readonly poster: Uint8Array | null;
  /** Null: no checkpoints are written, and none is looked for. */
  readonly checkpoints: { readonly earlier: EarlierAttempt | null } | null;
  readonly signal: AbortSignal;
  readonly onActivity: () => void;
  /** This many segments of an earlier attempt were taken up. */
  readonly onResumed: (segments: number) => void;
  /** From now on this plan is carried out; the meter counts what is made. */
  readonly onPlan: (plan: TranscodePlan) => ProgressMeter;
};

/** One presentation in the making: renders into an output, and keeps what an interruption leaves usable. */
export class Production {
  readonly #work: ProductionWork;
  #plan: TranscodePlan;
  #publisher: Publisher;
  #checkpoints: CheckpointWriter | null = null;

  constructor(work: ProductionWork) {
    this.#work = work;
    this.#plan = work.plan;
    this.#publisher = new Publisher(work.plan, work.output);
  }

  /** What is carried out: the copying plan only as long as copying works. */
  get plan(): TranscodePlan {
    return this.#plan;
  }

  /** Makes every segment that no earlier attempt has made. Throws as `render` does. */
  async render(): Promise<RenderOutcome> {
    const { encoding, output } = this.#work;
    let resumed = await this.#resume();
    this.#plan = resumed?.plan ?? this.#plan;
    for (;;) {
      try {
        return await this.#renderOnce(resumed);
      } catch (thrown) {
        // Nothing of it has been published: the same once more, without what did not work.
        if (thrown instanceof CopyFailed) this.#plan = encoding;
        else if (!(thrown instanceof ResumeFailed)) throw thrown;
        resumed = null;
        await this.#publisher.abandon();
        await this.#checkpoints?.settled();
        await output.clear();
      }
    }
  }

  /** Makes the presentation visible; `Publisher.finish` with what was rendered. */
  async finish(
    { text }: RenderOutcome,
    warnings: readonly SourceWarning[],
  ): Promise<TranscodeResult> {
    await this.#checkpoints?.settled();
    const result = await this.#publisher.finish(text, warnings, this.#work.signal);
    // One that stays is never looked at: the job has ended.
    if (this.#checkpoints !== null) await this.#work.output.remove(checkpointName).catch(() => {});
    return result;
  }

  /** Waits until nothing is written any more. An interrupted attempt leaves a checkpoint of its last moment. */
  async abandon(): Promise<void> {
    await this.#publisher.abandon();
    const { aborted, reason } = this.#work.signal;
    const isOver = reason instanceof SluiceError && reason.code === "attempt_superseded";
    // Where it cannot be written, an older one may lie there; either way the reason is told already.
    if (aborted && !isOver) await this.#checkpoints?.write().catch(() => {});
    await this.#checkpoints?.settled();
  }

  async #resume(): Promise<Resumed | null> {
    const { source, output, plan, encoding, checkpoints, signal, onActivity } = this.#work;
    if (checkpoints === null || checkpoints.earlier === null) return null;
    const { earlier } = checkpoints;
    const plans = [plan, encoding];
    const resumed = await resume({ earlier, output, source, plans, signal, onActivity });
    if (resumed !== null) this.#work.onResumed(resumed.segments);
    return resumed;
  }

  async #renderOnce(resumed: Resumed | null): Promise<RenderOutcome> {
    const { source, output, poster, signal, onActivity, onPlan } = this.#work;
    const plan = this.#plan;
    const onWhole = () => checkpoints?.segmentEnded();
    const publisher = new Publisher(plan, output, {
      resumed: resumed?.published ?? null,
      onWhole,
    });
    const checkpoints =
      this.#work.checkpoints === null
        ? null
        : new CheckpointWriter(output, checkpointKey(source, plan), publisher);
    this.#publisher = publisher;
    this.#checkpoints = checkpoints;
    if (poster !== null) publisher.sink.poster(poster);
    const meter = onPlan(plan);
    for (const [id, segments] of resumed?.pictures.rungs ?? []) {
      meter.resume(id, firstPicture(plan.timeline, segments));
    }
    const sink = {
      ...publisher.sink,
      segment: async (...closed: Parameters<Publisher["sink"]["segment"]>) => {
        await publisher.sink.segment(...closed);
        onActivity();
      },
    };
    return await render(source, plan, resumed?.range ?? WHOLE, sink, {
      signal,
      ...(resumed !== null && { resume: resumed.pictures }),
      watch: (look) => checkpoints?.watch(look),
      onPicture: (rungId, position) => {
        meter.picture(rungId, position);
        onActivity();
      },
      onSound: (trackId, seconds) => {
        meter.sound(trackId, seconds);
        onActivity();
      },
    });
  }
}
