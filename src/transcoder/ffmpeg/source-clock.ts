/** Times of one stream that goes back by more than this, in seconds, have started again: decoding times never fall. */
const BACKWARDS_SECONDS = 0.1;

/** A jump ahead of everything in the file by more than this, in seconds, is another clock and no gap (as for the ffmpeg command). */
const JUMP_SECONDS = 10;

/** A stretch of the file within which one clock holds. */
type Epoch = {
  /** What is added to its times, in seconds. */
  readonly offset: number;
  /** Latest time read in it, before the offset. */
  last: number;
};

type StreamState = {
  epoch: Epoch;
  /** Last time read, before the offset, and the length of what it belongs to. */
  last: number;
  duration: number;
};

/**
 * One time for recordings whose clock jumps: transport and program streams that were joined byte by
 * byte, or recorded through a change of programme. What follows a jump goes on where the stream that
 * jumped first left off; the other streams follow with the same shift, so that sound and picture stay
 * together. It depends on the packets from the start of the file alone: every reader of the same file
 * that sees the packets of all streams comes to the same times.
 */
export class SourceClock {
  readonly #streams = new Map<number, StreamState>();
  #newest: Epoch | null = null;
  #previous: Epoch | null = null;

  /** Seconds to add to a packet's times; `seconds` is its decoding time, null where it has none. */
  shift(streamIndex: number, seconds: number | null, durationSeconds: number): number {
    const stream = this.#streams.get(streamIndex);
    if (seconds === null) return (stream?.epoch ?? this.#newest)?.offset ?? 0;
    const epoch = stream === undefined ? this.#join(seconds) : this.#follow(stream, seconds);
    epoch.last = Math.max(epoch.last, seconds);
    this.#streams.set(streamIndex, { epoch, last: seconds, duration: durationSeconds });
    return epoch.offset;
  }

  /** A stream's first packet: it belongs to the clock of the others. */
  #join(seconds: number): Epoch {
    this.#newest ??= { offset: 0, last: seconds };
    return this.#newest;
  }

  #follow(stream: StreamState, seconds: number): Epoch {
    const { epoch, last } = stream;
    const isAhead = seconds - Math.max(last, epoch.last) > JUMP_SECONDS;
    if (seconds >= last - BACKWARDS_SECONDS && !isAhead) return epoch;
    const newest = this.#newest ?? epoch;
    if (epoch !== newest && Math.abs(seconds - newest.last) <= JUMP_SECONDS) return newest;
    return this.#returned(stream, seconds) ?? this.#begin(stream, seconds);
  }

  /** One damaged time is no new clock: what comes after it goes on as before. */
  #returned({ epoch, last, duration }: StreamState, seconds: number): Epoch | null {
    const before = this.#previous;
    if (before === null) return null;
    const apart = seconds + before.offset - (last + epoch.offset + duration);
    if (Math.abs(apart) > BACKWARDS_SECONDS) return null;
    this.#newest = before;
    return before;
  }

  #begin({ epoch, last, duration }: StreamState, seconds: number): Epoch {
    const begun = { offset: last + epoch.offset + duration - seconds, last: seconds };
    this.#previous = this.#newest;
    this.#newest = begun;
    return begun;
  }
}
