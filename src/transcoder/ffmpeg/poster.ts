import type { Frame } from "node-av/lib";
import { present } from "./check.ts";
import { encodeJpeg, jpegFilters } from "./jpeg.ts";
import { formatOf, PictureGraph } from "./picture-graph.ts";

/** Shows no blocks and keeps a 720p poster near 100 kB. */
const QUANTISER = 4;

/** A JPEG of the frame, which stays the caller's. */
export const encodePoster = async (frame: Frame): Promise<Uint8Array> => {
  using graph = await PictureGraph.open(formatOf(frame), `[in]${jpegFilters()}[out]`, ["out"]);
  const picture = present((await graph.push(frame))[0]?.[0], "the poster's picture");
  try {
    return await encodeJpeg(picture, QUANTISER);
  } finally {
    picture.free();
  }
};
