import { AVFMT_FLAG_BITEXACT, AVFMT_FLAG_CUSTOM_IO } from "node-av/constants";
import {
  type CodecParameters,
  Dictionary,
  FormatContext,
  IOContext,
  type Packet,
  Rational,
} from "node-av/lib";
import { check } from "./check.ts";

export type FragmentMuxerOptions = {
  /** Fills in the stream's codec parameters; an encoder's `describe`. */
  readonly describe: (parameters: CodecParameters) => void;
  /** Ticks per second of the packets' timestamps and of the track. */
  readonly timescale: number;
  /** Number of the first fragment, from 1; goes into `mfhd` (ISO/IEC 14496-12, 8.8.5). */
  readonly firstFragment: number;
  /** BCP 47 or ISO 639-2 tag for the media header. */
  readonly language?: string;
  /** More `movflags`, each with its plus sign. */
  readonly movflags?: string;
};

/**
 * Must hold a whole `moof`, whose sizes are filled in afterwards (16 bytes for each of at most 240
 * pictures), and no more: the binding frees an IO context but not its buffer, and every segment has one.
 */
const IO_BUFFER_BYTES = 16_384;

/**
 * `frag_custom`: we say where a fragment ends. `delay_moov`: the header is written when the first
 * packets are known, so that it has the right edit list.
 */
const MOVFLAGS = "+frag_custom+delay_moov+default_base_moof+cmaf+skip_trailer";

/** Writes CMAF (ISO/IEC 23000-19) into memory through libavformat: one header, then fragments of one moof and one mdat. */
export class FragmentMuxer implements Disposable {
  readonly #context: FormatContext;
  readonly #io: IOContext;
  #chunks: Uint8Array[] = [];
  #header: Uint8Array | null = null;

  private constructor(context: FormatContext, io: IOContext) {
    this.#context = context;
    this.#io = io;
  }

  static async open(options: FragmentMuxerOptions): Promise<FragmentMuxer> {
    const context = new FormatContext();
    check(context.allocOutputContext2(null, "mp4", null), "allocating the muxer");
    const io = new IOContext();
    const muxer = new FragmentMuxer(context, io);
    // The buffer belongs to libavformat and is reused: copy.
    const write = (bytes: Buffer) => {
      muxer.#chunks.push(new Uint8Array(bytes));
      return bytes.length;
    };
    io.allocContextWithCallbacks(IO_BUFFER_BYTES, 1, null, write, null);
    context.pb = io;
    context.setFlags(AVFMT_FLAG_CUSTOM_IO, AVFMT_FLAG_BITEXACT);
    try {
      const stream = context.newStream(null);
      options.describe(stream.codecpar);
      stream.timeBase = new Rational(1, options.timescale);
      if (options.language !== undefined) {
        stream.metadata = Dictionary.fromObject({ language: options.language });
      }
      const settings = Dictionary.fromObject({
        movflags: MOVFLAGS + (options.movflags ?? ""),
        fragment_index: options.firstFragment,
        video_track_timescale: options.timescale,
      });
      check(await context.writeHeader(settings), "writing the header");
      if (stream.timeBase.den !== options.timescale)
        throw new Error("the muxer chose another timescale");
      return muxer;
    } catch (thrown) {
      muxer[Symbol.dispose]();
      throw thrown;
    }
  }

  write(packet: Packet): void {
    packet.streamIndex = 0;
    check(this.#context.writeFrameSync(packet), "writing a packet");
  }

  /** Ends the fragment of everything written since the last cut and returns its bytes. */
  async cut(): Promise<Uint8Array> {
    if (this.#header === null) {
      // With delay_moov the first cut yields the header alone.
      this.#header = await this.#flush();
    }
    return this.#flush();
  }

  /** ftyp and moov; there after the first cut. */
  get header(): Uint8Array {
    if (this.#header === null) throw new Error("no cut yet");
    return this.#header;
  }

  async #flush(): Promise<Uint8Array> {
    check(await this.#context.writeFrame(null), "cutting a fragment");
    await this.#io.flush();
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  [Symbol.dispose](): void {
    this.#context.pb = null;
    this.#context.freeContext();
    this.#io.freeContext();
  }
}
