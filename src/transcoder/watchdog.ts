import { SluiceError } from "../errors.ts";
import { startEventLoopAlarm } from "./event-loop-alarm.ts";

export type Watchdog = Disposable & {
  /** Aborts with `transcode_stalled` when nothing has moved for too long. */
  readonly signal: AbortSignal;
  /** Something moved. */
  readonly touch: () => void;
};

export type WatchdogOptions = {
  readonly afterSeconds: number;
  /** Time for an orderly end after the abort, in seconds; default 10. */
  readonly graceSeconds?: number;
  /** Called when the grace is over and the work still has not ended: a native call on another thread hangs. */
  readonly onHung: () => void;
};

/**
 * Ends work that makes no progress: first politely, then through `onHung`, and when the event loop
 * itself stands still (a native call on this thread hangs) by the kernel's alarm. Dispose it when the
 * work has ended.
 */
export const startWatchdog = ({
  afterSeconds,
  graceSeconds = 10,
  onHung,
}: WatchdogOptions): Watchdog => {
  const stalled = new AbortController();
  let timer: NodeJS.Timeout;
  const bark = () => {
    stalled.abort(
      new SluiceError("transcode_stalled", {
        message: `The conversion made no progress for ${afterSeconds} seconds and was stopped; retry it.`,
      }),
    );
    timer = setTimeout(onHung, graceSeconds * 1000);
  };
  timer = setTimeout(bark, afterSeconds * 1000);
  const alarm = startEventLoopAlarm(afterSeconds + graceSeconds);
  return {
    signal: stalled.signal,
    touch: () => {
      if (!stalled.signal.aborted) timer.refresh();
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      alarm[Symbol.dispose]();
    },
  };
};
