import { AV_FRAME_FLAG_INTERLACED } from "node-av/constants";
import { formatOf, type Picture, PictureGraph, sameFormat } from "./picture-graph.ts";
import type { TimedPicture } from "./video-reader.ts";

export type DeinterlaceOptions = {
  /** One picture per field, so that all motion is kept; else one per frame. */
  readonly perField: boolean;
  /** Time from a frame's first field to its second. */
  readonly fieldSeconds: number;
};

/** Outputs after a seek that can differ from those of a whole run: the filter looks one frame back. */
export const UNSETTLED_FRAMES = 1;

/**
 * Makes every interlaced picture progressive (bwdif) and lets progressive ones through untouched, in
 * the order and at the times of the source: before anything is repeated or left out, because the
 * filter compares neighbours. Each picture's own flags decide, so a stream may change on the way.
 * Takes the pictures over; whoever receives one frees it.
 */
export async function* deinterlaced(
  pictures: AsyncIterable<TimedPicture>,
  { perField, fieldSeconds }: DeinterlaceOptions,
): AsyncGenerator<TimedPicture> {
  const filter = `[in]bwdif=mode=${perField ? "send_field" : "send_frame"}:deint=interlaced[out]`;
  let graph: PictureGraph | null = null;
  let wasInterlaced = false;
  let count = 0;
  const times = new Map<number, Omit<TimedPicture, "frame">>();
  // The filter counts in half frames: twice the number we gave, one more for a second field.
  const timed = (frame: Picture): TimedPicture => {
    const number = Number(frame.pts) >> 1;
    const isSecond = (Number(frame.pts) & 1) === 1;
    for (const past of times.keys()) if (past < number) times.delete(past);
    const { seconds, durationSeconds } = times.get(number) ?? { seconds: null, durationSeconds: 0 };
    const atSeconds = isSecond && seconds !== null ? seconds + fieldSeconds : seconds;
    return {
      frame,
      seconds: atSeconds,
      durationSeconds: isSecond ? fieldSeconds : durationSeconds,
    };
  };
  async function* drained(): AsyncGenerator<TimedPicture> {
    if (graph !== null) yield* handedOut((await graph.push(null))[0] ?? [], timed);
    graph?.[Symbol.dispose]();
    graph = null;
    wasInterlaced = false;
  }
  try {
    for await (const { frame, ...time } of pictures) {
      let out: Picture[];
      try {
        const format = formatOf(frame);
        if (graph !== null && !sameFormat(graph.format, format)) yield* drained();
        graph ??= await PictureGraph.open(format, filter, ["out"]);
        frame.pts = BigInt(count);
        times.set(count, time);
        count += 1;
        const isInterlaced = frame.hasFlags(AV_FRAME_FLAG_INTERLACED);
        // A progressive picture after another is handed on as it is: not worth another thread.
        out =
          (isInterlaced || wasInterlaced ? await graph.push(frame) : graph.pushSync(frame))[0] ??
          [];
        wasInterlaced = isInterlaced;
      } finally {
        frame.free();
      }
      yield* handedOut(out, timed);
    }
    yield* drained();
  } finally {
    (graph as PictureGraph | null)?.[Symbol.dispose]();
  }
}

/** Frees what the receiver no longer asks for. */
function* handedOut(
  frames: readonly Picture[],
  timed: (frame: Picture) => TimedPicture,
): Generator<TimedPicture> {
  let handed = 0;
  try {
    for (const frame of frames) {
      handed += 1;
      yield timed(frame);
    }
  } finally {
    for (const frame of frames.slice(handed)) frame.free();
  }
}
