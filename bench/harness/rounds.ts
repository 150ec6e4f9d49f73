/** One of the things that are compared. */
export type Arm<Result> = {
  readonly name: string;
  readonly run: () => Promise<Result>;
};

/**
 * Runs all arms `rounds` times, interleaved, so that whatever else the machine does meets all of
 * them; each round starts with another arm, so that none always runs first.
 * @returns the results by arm name, in the order of the rounds
 */
export const runInterleaved = async <Result>(
  arms: readonly Arm<Result>[],
  rounds: number,
): Promise<Map<string, Result[]>> => {
  const results = new Map<string, Result[]>(arms.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let position = 0; position < arms.length; position += 1) {
      const arm = arms[(round + position) % arms.length];
      if (arm === undefined) continue;
      process.stderr.write(`round ${round + 1} of ${rounds}: ${arm.name}\n`);
      results.get(arm.name)?.push(await arm.run());
    }
  }
  return results;
};

/** `--rounds N` on the command line, else the default. */
export const roundsFromCommandLine = (fallback: number): number => {
  const index = process.argv.indexOf("--rounds");
  const given = index < 0 ? fallback : Number(process.argv[index + 1]);
  if (!Number.isInteger(given) || given < 1) throw new Error("--rounds takes a whole number");
  return given;
};

/** Middle value; the mean of the two middle ones when there are two. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
};

/** Smallest value that is not exceeded by the fraction `p` (0 to 1) of the values. */
export const percentile = (values: readonly number[], p: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * p) - 1)] ?? Number.NaN;
