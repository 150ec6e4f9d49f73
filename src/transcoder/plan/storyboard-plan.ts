/** The pictures a player shows while its seek bar is being searched: sheets of equally spaced tiles. */
export type StoryboardPlan = {
  /** Pictures from one tile to the next; tile `n` shows picture `n * intervalFrames`. */
  readonly intervalFrames: number;
  /** Tiles beside and below each other on one sheet. */
  readonly columns: number;
  readonly rows: number;
  /** Size of one tile in pixels, even. */
  readonly tileWidth: number;
  readonly tileHeight: number;
};

/**
 * Seconds between tiles by the length of the source. A seek bar is some 1,000 pixels wide and a hand
 * moves in steps of about 10, so more than 100 or so tiles show what nobody can point at; short clips
 * get about that many down to half a second (below it, neighbours look the same), and long films
 * more, because they are searched by going back and forth.
 */
const INTERVALS: readonly { readonly upToSeconds: number; readonly seconds: number }[] = [
  { upToSeconds: 60, seconds: 0.5 },
  { upToSeconds: 180, seconds: 1 },
  { upToSeconds: 600, seconds: 2 },
  { upToSeconds: 1800, seconds: 5 },
  { upToSeconds: 7200, seconds: 10 },
  { upToSeconds: 4 * 3600, seconds: 20 },
  { upToSeconds: Number.POSITIVE_INFINITY, seconds: 60 },
];

/** A source whose header says no length (a browser's screen recording, for one) counts as an hour. */
const UNKNOWN_LENGTH_SECONDS = 3600;

/** 25 tiles are about 100 kB: on the screen at once over a slow line, and few requests for a long film. */
const MAX_COLUMNS = 5;
const MAX_ROWS = 5;

/** Tiles of a 16:9 picture have this size, others the same on their longer side; players show them 150 to 250 pixels wide. */
const TILE_LONG_SIDE = 192;
/** A square picture would else have a tile of nearly twice the area. */
const TILE_SHORT_SIDE = 144;

/**
 * Most sheets of one presentation: 25 MB and 5,000 tiles. Only a source that is many times as long
 * as its header says gets there; its later part has no tiles.
 */
export const MAX_SHEETS = 200;

/**
 * How the tiles of a presentation are made, from its smallest rung.
 * @param source.expectedFrames its length in pictures; null when the source does not say
 * @param source.rate pictures per second
 */
export const planStoryboard = (
  rung: { readonly width: number; readonly height: number },
  { expectedFrames, rate }: { readonly expectedFrames: number | null; readonly rate: number },
): StoryboardPlan => {
  const lengthSeconds = expectedFrames === null ? UNKNOWN_LENGTH_SECONDS : expectedFrames / rate;
  const seconds = INTERVALS.find(({ upToSeconds }) => lengthSeconds <= upToSeconds)?.seconds ?? 60;
  const intervalFrames = Math.max(1, Math.round(seconds * rate));
  const tiles =
    expectedFrames === null
      ? MAX_COLUMNS * MAX_ROWS
      : Math.max(1, Math.ceil(expectedFrames / intervalFrames));
  const columns = Math.min(MAX_COLUMNS, tiles);
  return {
    intervalFrames,
    columns,
    rows: Math.min(MAX_ROWS, Math.ceil(tiles / columns)),
    ...tileSize(rung),
  };
};

/** The rung's shape, no larger than the rung. */
const tileSize = ({ width, height }: { readonly width: number; readonly height: number }) => {
  const factor = Math.min(
    1,
    TILE_LONG_SIDE / Math.max(width, height),
    TILE_SHORT_SIDE / Math.min(width, height),
  );
  return { tileWidth: even(width * factor), tileHeight: even(height * factor) };
};

/** Chroma has half the lines and columns; a tile begins on a whole one. */
const even = (pixels: number): number => Math.max(2, 2 * Math.round(pixels / 2));
