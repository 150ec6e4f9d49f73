/** Stored figures have so many decimals; x264 states seven, of which the fifth tells nobody anything. */
const DECIMALS = 4;

/** The quality of each track: the mean over all its pictures, made of the means of its segments. */
export class QualityMeans {
  readonly #sums = new Map<string, { pictures: number; weighted: number }>();

  /** So many more pictures of the track in this folder have this mean SSIM. */
  add(folder: string, pictures: number, ssim: number): void {
    const sum = this.#sums.get(folder) ?? { pictures: 0, weighted: 0 };
    this.#sums.set(folder, {
      pictures: sum.pictures + pictures,
      weighted: sum.weighted + pictures * ssim,
    });
  }

  /** The mean SSIM of a track, 0 to 1; null for one that was copied, or of which nothing is known. */
  of(folder: string): number | null {
    const sum = this.#sums.get(folder);
    if (sum === undefined || sum.pictures === 0) return null;
    return Number((sum.weighted / sum.pictures).toFixed(DECIMALS));
  }
}
