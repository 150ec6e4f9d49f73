/** Time over which speed is averaged, ms: steady enough to read, quick enough to follow a change. */
const WINDOW_MS = 8000;
/** Below this there is too little to tell a speed from, ms. */
const LEAST_MS = 800;

type Sample = { readonly atMs: number; readonly bytes: number };

/** The latest samples of "so many bytes were sent by then". */
export type SpeedMeter = readonly Sample[];

/** Adds a sample and forgets the old ones, but keeps one at the window's edge. */
export const addSample = (meter: SpeedMeter, sample: Sample): SpeedMeter => {
  const firstInside = meter.findIndex(({ atMs }) => atMs >= sample.atMs - WINDOW_MS);
  const kept = firstInside === -1 ? meter.slice(-1) : meter.slice(Math.max(0, firstInside - 1));
  return [...kept, sample];
};

/** Bytes per second, or null while it cannot be told. Never negative: a part sent again takes bytes back. */
export const bytesPerSecond = (meter: SpeedMeter): number | null => {
  const first = meter[0];
  const last = meter.at(-1);
  if (first === undefined || last === undefined || last.atMs - first.atMs < LEAST_MS) {
    return null;
  }
  return Math.max(0, ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs));
};
