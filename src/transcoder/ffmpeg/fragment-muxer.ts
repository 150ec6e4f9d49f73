import { AVFMT_FLAG_BITEXACT, AVFMT_FLAG_CUSTOM_IO } from "node-av/constants";
import {
  type CodecParameters,
  Dictionary,
  FormatContext,
  type Packet,
  Rational,
} from "node-av/lib";
import { mediaHeaderLanguage } from "../language-tag.ts";
import { check } from "./check.ts";
import type { MuxerOutput } from "./muxer-output.ts";

export type FragmentMuxerOptions = {
  /** Fills in the stream's codec parameters; an encoder's `describe`. */
  readonly describe: (parameters: CodecParameters) => void;
  /** Where the bytes go; nothing else may write there until this muxer is disposed. */
  readonly output: MuxerOutput;
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
 * `frag_custom`: we say where a fragment ends. `delay_moov`: the header is written when the first
 * packets are known, so that it has the right edit list.
 */
const MOVFLAGS = "+frag_custom+delay_moov+default_base_moof+cmaf+skip_trailer";

/** Of a muxer for pictures, besides: a fragment ends before every IDR picture, so that a byte range reaches each. */
export const FRAGMENT_PER_GOP = "+frag_keyframe";

/** Writes CMAF (ISO/IEC 23000-19) into memory through libavformat: one header, then fragments of one moof and one mdat. */
export class FragmentMuxer implements Disposable {
  readonly #context: FormatContext;
  readonly #output: MuxerOutput;
  #header: Uint8Array | null = null;

  private constructor(context: FormatContext, output: MuxerOutput) {
    this.#context = context;
    this.#output = output;
  }

  static async open(options: FragmentMuxerOptions): Promise<FragmentMuxer> {
    const context = new FormatContext();
    check(context.allocOutputContext2(null, "mp4", null), "allocating the muxer");
    const muxer = new FragmentMuxer(context, options.output);
    context.pb = options.output.io;
    context.setFlags(AVFMT_FLAG_CUSTOM_IO, AVFMT_FLAG_BITEXACT);
    try {
      const stream = context.newStream(null);
      options.describe(stream.codecpar);
      stream.timeBase = new Rational(1, options.timescale);
      if (options.language !== undefined) {
        const language = mediaHeaderLanguage(options.language);
        stream.metadata = Dictionary.fromObject({ language });
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

  /** Ends the last fragment and returns the bytes of all fragments since the last cut. */
  async cut(): Promise<Uint8Array> {
    const bytes = await this.#flush();
    if (this.#header !== null) return bytes;
    const headerBytes = sizeOfHeader(bytes);
    this.#header = bytes.slice(0, headerBytes);
    // With delay_moov the first flush yields the header alone, unless an IDR picture ended a fragment.
    const rest = bytes.subarray(headerBytes);
    return rest.length > 0 ? rest : this.#flush();
  }

  /** ftyp and moov; there after the first cut. */
  get header(): Uint8Array {
    if (this.#header === null) throw new Error("no cut yet");
    return this.#header;
  }

  async #flush(): Promise<Uint8Array> {
    check(await this.#context.writeFrame(null), "cutting a fragment");
    return this.#output.take();
  }

  [Symbol.dispose](): void {
    this.#context.pb = null;
    this.#context.freeContext();
  }
}

/** Bytes of the ftyp and the moov box that the first output begins with (ISO/IEC 14496-12, 4.2.2). */
const sizeOfHeader = (bytes: Uint8Array): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ftypBytes = view.getUint32(0);
  return ftypBytes + view.getUint32(ftypBytes);
};
