import { AV_LOG_INFO } from "node-av/constants";
import { Log } from "node-av/lib";

/** What x264 says of its luma when it is closed with `ssim=1` (x264's encoder.c): the mean over its pictures. */
const SSIM_LINE = /SSIM Mean Y:([01]\.[0-9]+)/;

/** Begins our own lines, which enclose those of an encoder that is being closed. */
const MARK = "sluice closes encoder";

/** Lines come within milliseconds; a job must not wait for ever for a figure, should one get lost. */
const PATIENCE_MS = 10_000;

type Closing = { ssim: number | null; readonly settle: (ssim: number | null) => void };

/**
 * Reads the SSIM that an encoder finds of itself out of libav's log, which is one for the whole
 * process and does not say which encoder speaks. x264 computes it in `x264_encoder_close`, on the
 * thread that closes; so a line of ours before and one after enclose it, and the log keeps the order
 * of one thread. Other encoders say nothing of the kind while they work, so nothing can come between.
 */
class EncoderLog {
  readonly #closing = new Map<string, Closing>();
  #current: Closing | null = null;
  #count = 0;

  constructor() {
    // Lines reach us in order, a moment later. Most of what libav says is below this level and never crosses over.
    Log.setCallback((_, line) => this.#read(line), { maxLevel: AV_LOG_INFO });
  }

  /** Runs `close`, which closes one encoder at once, and resolves with the SSIM it stated; null for none. */
  listen(close: () => void): Promise<number | null> {
    this.#count += 1;
    const mark = `${MARK} ${this.#count}.`;
    return new Promise((resolve) => {
      const settle = (ssim: number | null) => {
        clearTimeout(timer);
        this.#closing.delete(mark);
        resolve(ssim);
      };
      const timer = setTimeout(settle, PATIENCE_MS, null);
      this.#closing.set(mark, { ssim: null, settle });
      Log.log(AV_LOG_INFO, mark);
      close();
      Log.log(AV_LOG_INFO, mark);
    });
  }

  #read(line: string): void {
    const closing = line.startsWith(MARK) ? this.#closing.get(line.trim()) : undefined;
    if (closing !== undefined) {
      this.#meetMark(closing);
      return;
    }
    const ssim = SSIM_LINE.exec(line)?.[1];
    if (ssim !== undefined && this.#current !== null) this.#current.ssim = Number(ssim);
  }

  #meetMark(closing: Closing): void {
    const isEnd = this.#current === closing;
    this.#current = isEnd ? null : closing;
    if (isEnd) closing.settle(closing.ssim);
  }
}

let log: EncoderLog | null = null;

/**
 * Closes an encoder and says how like its source it was: the mean SSIM of luma over its pictures, 0
 * to 1, null when it said nothing.
 * @param close closes the encoder before it returns
 */
export const closeWithSsim = (close: () => void): Promise<number | null> => {
  log ??= new EncoderLog();
  return log.listen(close);
};
