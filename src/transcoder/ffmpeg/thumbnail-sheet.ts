import type { StoryboardPlan } from "../plan/storyboard-plan.ts";
import { present } from "./check.ts";
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
