import { type Static, Type } from "@sinclair/typebox";

/** How far the choice of a poster has come. */
export const PosterState = Type.Object({
  /** Spread of the picture chosen so far, see `PosterChoice`; -1 while there is none. */
  bestSpread: Type.Number(),
  isSettled: Type.Boolean(),
});
export type PosterState = Static<typeof PosterState>;

/** The sheets handed out and the tiles of the one that is being collected. */
export const StoryboardState = Type.Object({
  sheets: Type.Integer({ minimum: 0 }),
  /** Planes of each, one after the other, in base 64; see `writeTile`. */
  tiles: Type.Array(Type.String()),
});
export type StoryboardState = Static<typeof StoryboardState>;

/**
 * Where the pictures stand, beside the rungs themselves: enough to go on with poster and thumbnails
 * as if nothing had happened.
 */
export const PictureState = Type.Object({
  /** Pictures shown to poster, thumbnails and rungs, counted from the start of the presentation. */
  shownTo: Type.Integer({ minimum: 0 }),
  /** Whether packets or pictures of the source had errors so far. */
  hasDamage: Type.Boolean(),
  poster: PosterState,
  storyboard: Type.Union([StoryboardState, Type.Null()]),
});
export type PictureState = Static<typeof PictureState>;

/** A run that goes on where an earlier one was interrupted. */
export type PictureResume = {
  readonly state: PictureState;
  /** By rung: the segment to go on with, counted from 0. */
  readonly rungs: ReadonlyMap<string, number>;
};
