import {
  AV_LOG_QUIET,
  AV_NOPTS_VALUE,
  AVDISCARD_ALL,
  AVERROR_EINVAL,
  AVERROR_EIO,
  AVERROR_ENOMEM,
  AVERROR_EOF,
  AVERROR_INVALIDDATA,
  AVFMT_FLAG_CUSTOM_IO,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
  AVSEEK_SIZE,
} from "node-av/constants";
import { Dictionary, FormatContext, IOContext, Log, type Packet, type Stream } from "node-av/lib";
import { type ErrorCode, SluiceError } from "../../errors.ts";
import { BLOCK_BYTES } from "../block-cache.ts";
import type { Source } from "../source.ts";
import { inputOptions } from "./allow-list.ts";
import { AvError, check } from "./check.ts";
import { SourceClock } from "./source-clock.ts";

/** Bytes and microseconds libavformat may look at to understand a file. */
const PROBE_BYTES = 10_000_000n;
const ANALYZE_MICROSECONDS = 10_000_000n;

/** Containers without an index, in which recordings are joined byte by byte and clocks jump. */
const CLOCKS_THAT_JUMP = new Set(["mpegts", "mpeg"]);

/** Damaged places in a row that are skipped before the rest of a file is given up. */
const MAX_DAMAGED_READS = 100;

/** An open container. Close it after every call on it has settled: `await using` does that. */
export class MediaInput implements AsyncDisposable {
  readonly context: FormatContext;
  readonly #io: IOContext | null;
  readonly #isLocal: boolean;
  readonly #readError: () => unknown;
  #clock: SourceClock | null = null;
  #ticks: readonly number[] = [];

  private constructor(
    context: FormatContext,
    io: IOContext | null,
    isLocal: boolean,
    readError: () => unknown,
  ) {
    this.context = context;
    this.#io = io;
    this.#isLocal = isLocal;
    this.#readError = readError;
  }

  /** Opens the container and reads its streams' parameters, with everything off the allow-lists out of reach. */
  static async open(source: Source): Promise<MediaInput> {
    // FFmpeg's libraries write to stderr by default, which belongs to the command line
    Log.setLevel(AV_LOG_QUIET);
    const context = new FormatContext();
    context.allocContext();
    let readError: unknown;
    const io = source.kind === "file" ? null : remoteIo(source, (thrown) => (readError ??= thrown));
    if (io !== null) {
      context.pb = io;
      context.setFlags(AVFMT_FLAG_CUSTOM_IO);
    }
    const input = new MediaInput(context, io, io === null, () => readError);
    // The prefix keeps a name like "concat:..." from being read as another protocol.
    const url = source.kind === "file" ? `file:${source.path}` : "";
    const options = Dictionary.fromObject(inputOptions());
    const code = await context.openInput(url, null, options);
    if (code < 0) {
      // libavformat has freed the context by now.
      io?.freeContext();
      if (readError !== undefined) throw readError;
      throw openError(code);
    }
    context.probesize = PROBE_BYTES;
    context.maxAnalyzeDuration = ANALYZE_MICROSECONDS;
    try {
      check(await context.findStreamInfo(null), "reading the streams");
    } catch (thrown) {
      await input[Symbol.asyncDispose]();
      throw input.#readError() ?? new SluiceError("source_not_media", { cause: thrown });
    }
    if (CLOCKS_THAT_JUMP.has(context.iformat?.name ?? "")) input.#clock = new SourceClock();
    input.#ticks = context.streams.map(({ timeBase }) => timeBase.num / timeBase.den);
    return input;
  }

  stream(index: number): Stream {
    const stream = this.context.streams[index];
    if (stream === undefined) throw new SluiceError("source_not_media");
    return stream;
  }

  /** Whether times depend on every packet from the start of the file: then nobody may begin in the middle. */
  get mustReadFromStart(): boolean {
    return this.#clock !== null;
  }

  /** Lets libavformat skip the bytes of every other stream, as far as their times are not needed. */
  readOnly(streamIndex: number): Stream {
    for (const stream of this.context.streams) {
      const { codecType } = stream.codecpar;
      const tellsTime = codecType === AVMEDIA_TYPE_VIDEO || codecType === AVMEDIA_TYPE_AUDIO;
      const isNeeded = this.#clock !== null && tellsTime;
      if (stream.index !== streamIndex && !isNeeded) stream.discard = AVDISCARD_ALL;
    }
    return this.stream(streamIndex);
  }

  /**
   * The next packet, or false at the end. Damaged places are skipped where the container finds its way
   * again; where it does not it counts as ended, as for the ffmpeg command: what came before is worth
   * having.
   * @param options.aside reads on another thread even a local file; for streams whose packets lie far apart
   */
  async read(packet: Packet, { aside = false }: { aside?: boolean } = {}): Promise<boolean> {
    for (let tries = 0; tries < MAX_DAMAGED_READS; tries += 1) {
      // A local read comes from the page cache: cheaper than a hop to another thread and back.
      const code =
        this.#isLocal && !aside
          ? this.context.readFrameSync(packet)
          : await this.context.readFrame(packet);
      const readError = this.#readError();
      if (readError !== undefined) throw readError;
      if (code === AVERROR_INVALIDDATA) continue;
      if (code === AVERROR_EOF || code === AVERROR_EIO) return false;
      check(code, "reading the source");
      if (this.#clock !== null) this.#retime(packet, this.#clock);
      return true;
    }
    return false;
  }

  #retime(packet: Packet, clock: SourceClock): void {
    const { streamIndex, dts, pts, duration } = packet;
    const { codecType } = this.stream(streamIndex).codecpar;
    if (codecType !== AVMEDIA_TYPE_VIDEO && codecType !== AVMEDIA_TYPE_AUDIO) return;
    const tick = this.#ticks[streamIndex] ?? 1;
    const time = dts === AV_NOPTS_VALUE ? pts : dts;
    const seconds = time === AV_NOPTS_VALUE ? null : Number(time) * tick;
    const shift = clock.shift(streamIndex, seconds, Number(duration) * tick);
    if (shift === 0) return;
    const ticks = BigInt(Math.round(shift / tick));
    if (dts !== AV_NOPTS_VALUE) packet.dts = dts + ticks;
    if (pts !== AV_NOPTS_VALUE) packet.pts = pts + ticks;
  }

  /** Goes to the last keyframe at or before `timestamp` (in the stream's time base); false where the container cannot. */
  async seek(streamIndex: number, timestamp: bigint): Promise<boolean> {
    // From here on times are as the container has them: what lies before is not known.
    if (this.#clock !== null) this.#clock = new SourceClock();
    return (await this.context.seekFrame(streamIndex, timestamp, AVSEEK_FLAG_BACKWARD)) >= 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.closeInput();
    this.#io?.freeContext();
  }
}

/**
 * A name off the list gives EINVAL ("Format not on whitelist"), more streams than may be read ENOMEM;
 * bytes that are no container, INVALIDDATA.
 */
const openError = (code: number): SluiceError => {
  const reason: ErrorCode =
    code === AVERROR_EINVAL
      ? "source_unsupported_container"
      : code === AVERROR_ENOMEM
        ? "source_too_many_streams"
        : "source_not_media";
  return new SluiceError(reason, { cause: new AvError(code, "opening the source") });
};

const remoteIo = (
  source: Extract<Source, { kind: "remote" }>,
  onError: (thrown: unknown) => void,
): IOContext => {
  const io = new IOContext();
  let position = 0;
  const read = async (size: number): Promise<Buffer | number> => {
    try {
      // To the end of a block and no further: a seek should not cost two of them.
      const bytes = await source.read(
        position,
        Math.min(size, BLOCK_BYTES - (position % BLOCK_BYTES)),
      );
      if (bytes.length === 0) return AVERROR_EOF;
      position += bytes.length;
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    } catch (thrown) {
      onError(thrown);
      return AVERROR_EIO;
    }
  };
  const seek = (offset: bigint, whence: number): bigint => {
    if ((whence & AVSEEK_SIZE) !== 0) return BigInt(source.sizeBytes);
    const base = whence === 1 ? position : whence === 2 ? source.sizeBytes : 0;
    position = base + Number(offset);
    return BigInt(position);
  };
  io.allocContextWithCallbacks(BLOCK_BYTES, 0, read, null, seek);
  return io;
};
