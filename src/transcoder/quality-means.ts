/** Stored figures have so many decimals; x264 states seven, of which the fifth tells nobody anything. */
const DECIMALS = 4;

/** Pictures of a track, and the sum of their means. */
export type QualitySum = { readonly pictures: number; readonly weighted: number };

/** The quality of each track: the mean over all its pictures, made of the means of its segments. */
export class QualityMeans {
  readonly #sums = new Map<string, QualitySum>();

  /** So many more pictures of the track in this folder have this mean SSIM. */
  add(folder: string, pictures: number, ssim: number): void {
    const sum = this.#sums.get(folder) ?? { pictures: 0, weighted: 0 };
    this.#sums.set(folder, {
      pictures: sum.pictures + pictures,
      weighted: sum.weighted + pictures * ssim,
    });
  }

  /** What has been added for a track so far; null for nothing. */
  sum(folder: string): QualitySum | null {
    return this.#sums.get(folder) ?? null;
  }

  /** Goes on with a sum of an earlier run. */
  resume(folder: string, sum: QualitySum): void {
    this.#sums.set(folder, sum);
  }

  /** The mean SSIM of a track, 0 to 1; null for one that was copied, or of which nothing is known. */
  of(folder: string): number | null {
    const sum = this.#sums.get(folder);
    if (sum === undefined || sum.pictures === 0) return null;
    return Number((sum.weighted / sum.pictures).toFixed(DECIMALS));
  }
}
