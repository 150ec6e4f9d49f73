import { AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_JPEG, AVCOL_SPC_BT470BG } from "node-av/constants";
import { Frame } from "node-av/lib";
import type { StoryboardPlan } from "../plan/storyboard-plan.ts";
import { check, present } from "./check.ts";
import { encodeJpeg, jpegFilters } from "./jpeg.ts";
import { formatOf, type Picture, PictureGraph, sameFormat } from "./picture-graph.ts";

/** Tiles are looked at for a moment and small: 5 gives some 4 kB each, and no block catches the eye. */
const QUANTISER = 5;

/** Brings pictures of one rung to the size of a tile. Dispose it after every call has settled. */
export class TileScaler implements Disposable {
  readonly #plan: StoryboardPlan;
  #graph: PictureGraph | null = null;

  constructor(plan: StoryboardPlan) {
    this.#plan = plan;
  }

  /** The picture as a tile, which is the caller's to free; the picture stays the caller's. */
  async scale(picture: Picture): Promise<Picture> {
    const format = formatOf(picture);
    if (this.#graph === null || !sameFormat(this.#graph.format, format)) {
      this[Symbol.dispose]();
      const { tileWidth, tileHeight } = this.#plan;
      const filters = jpegFilters(`${tileWidth}:${tileHeight}:flags=bicubic`);
      this.#graph = await PictureGraph.open(format, `[in]${filters}[out]`, ["out"]);
    }
    return present((await this.#graph.push(picture))[0]?.[0], "a tile");
  }

  [Symbol.dispose](): void {
    this.#graph?.[Symbol.dispose]();
    this.#graph = null;
  }
}

/**
 * A JPEG of tiles in rows from the top left; places without a tile stay black. The tiles stay the
 * caller's and are of one format.
 */
export const encodeSheet = async (
  tiles: readonly Picture[],
  { columns, rows }: StoryboardPlan,
): Promise<Uint8Array> => {
  const first = present(tiles[0], "a sheet's first tile");
  using graph = await PictureGraph.open(
    formatOf(first),
    `[in]tile=${columns}x${rows}:nb_frames=${columns * rows}[out]`,
    ["out"],
  );
  const sheets: Picture[] = [];
  try {
    for (const tile of tiles) sheets.push(...((await graph.push(tile))[0] ?? []));
    if (sheets.length === 0) sheets.push(...((await graph.push(null))[0] ?? []));
    return await encodeJpeg(present(sheets[0], "a sheet"), QUANTISER);
  } finally {
    for (const sheet of sheets) sheet.free();
  }
};

/** Bytes of a tile's planes: half the lines and columns of both colours beside the brightness. */
export const tileBytes = ({ tileWidth, tileHeight }: StoryboardPlan): number =>
  (tileWidth * tileHeight * 3) / 2;

/** A tile's planes one after the other, in base 64; `readTile` makes the same tile of them. */
export const writeTile = (tile: Picture): string => tile.toBuffer().toString("base64");

/**
 * A tile out of `tileBytes` bytes; the caller frees it. Written plane by plane: a frame that the
 * binding makes of a buffer goes on using the buffer's memory.
 */
export const readTile = (pixels: string, { tileWidth, tileHeight }: StoryboardPlan): Picture => {
  const tile = new Frame();
  tile.alloc();
  tile.width = tileWidth;
  tile.height = tileHeight;
  // What comes out of `jpegFilters`.
  tile.format = AV_PIX_FMT_YUVJ420P;
  tile.colorSpace = AVCOL_SPC_BT470BG;
  tile.colorRange = AVCOL_RANGE_JPEG;
  check(tile.getBuffer(), "making a tile");
  const bytes = Buffer.from(pixels, "base64");
  let offset = 0;
  for (const [index, divisor] of [1, 2, 2].entries()) {
    const plane = present(tile.data?.[index], "a tile's plane");
    const stride = present(tile.linesize[index], "a tile's line");
    for (let line = 0; line < tileHeight / divisor; line += 1) {
      bytes.copy(plane, line * stride, offset, offset + tileWidth / divisor);
      offset += tileWidth / divisor;
    }
  }
  return tile;
};
