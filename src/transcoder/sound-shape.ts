/** Columns a picture of the sound can have at most; while sound comes there are this many or twice as many. */
const COLUMNS = 1024;

/**
 * The highest sample of each stretch of a sound, for a picture of it. Takes the same memory for a
 * second and for a day: when all columns are full, neighbours are joined and each stands for twice
 * the time.
 */
export class SoundShape {
  #samplesPerColumn = 1;
  #inColumn = 0;
  #highest = 0;
  #columns: number[] = [];

  /** Takes the next samples, a plane per channel. */
  add(planes: readonly Float32Array[]): void {
    const length = planes[0]?.length ?? 0;
    for (let at = 0; at < length; at += 1) {
      for (const plane of planes) this.#highest = Math.max(this.#highest, Math.abs(plane[at] ?? 0));
      this.#inColumn += 1;
      if (this.#inColumn >= this.#samplesPerColumn) this.#close();
    }
  }

  /** Heights from 0 to 1 of `count` columns over the whole length. */
  columns(count: number): number[] {
    const all = this.#inColumn > 0 ? [...this.#columns, this.#highest] : this.#columns;
    return Array.from({ length: count }, (_, index) => {
      const from = Math.floor((index * all.length) / count);
      const to = Math.max(from + 1, Math.floor(((index + 1) * all.length) / count));
      return Math.min(1, Math.max(0, ...all.slice(from, to)));
    });
  }

  #close(): void {
    this.#columns.push(this.#highest);
    this.#highest = 0;
    this.#inColumn = 0;
    if (this.#columns.length < 2 * COLUMNS) return;
    this.#columns = Array.from({ length: COLUMNS }, (_, index) =>
      Math.max(this.#columns[2 * index] ?? 0, this.#columns[2 * index + 1] ?? 0),
    );
    this.#samplesPerColumn *= 2;
  }
}
