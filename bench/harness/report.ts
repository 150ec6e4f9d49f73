import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { $ } from "bun";

const resultsFile = join(import.meta.dir, "..", "RESULTS.md");

/** What one benchmark found, as it stands in RESULTS.md. */
export type Section = {
  /** Stable name; a later run of the same benchmark replaces the section of this name. */
  readonly id: string;
  readonly title: string;
  /** Command that repeats it. */
  readonly command: string;
  /** Versions of programs that were measured or compared with. */
  readonly programs: readonly string[];
  /** Markdown: tables, raw values, verdicts. */
  readonly body: string;
};

/** Replaces this benchmark's section in `bench/RESULTS.md`, or adds it at the end. */
export const writeSection = async (section: Section): Promise<void> => {
  const facts = [
    `Machine: ${await describeMachine()}.`,
    `Commit ${await describeCommit()}, ${new Date().toISOString().slice(0, 10)}, \`${section.command}\`.`,
    ...section.programs.map((program) => `${program}.`),
  ];
  const [start, end] = [`<!-- ${section.id}: begin -->`, `<!-- ${section.id}: end -->`];
  const text = `${start}\n\n## ${section.title}\n\n${facts.join(" ")}\n\n${section.body.trim()}\n\n${end}`;
  const file = Bun.file(resultsFile);
  const before = (await file.exists()) ? await file.text() : `${heading}\n`;
  const from = before.indexOf(start);
  const to = before.indexOf(end);
  const after =
    from < 0 || to < 0
      ? `${before.trimEnd()}\n\n${text}\n`
      : before.slice(0, from) + text + before.slice(to + end.length);
  await Bun.write(resultsFile, after);
  process.stdout.write(`${text}\n`);
};

const heading = `# Measured results

Written by the programs in this folder; each replaces its own section. Arms are interleaved and the
order rotates from round to round; tables show medians, raw values stand below them in the order of
the rounds. CPU time is user and system time of a process with its children, as the kernel accounts
it; peak RSS is the largest resident set of any one process.`;

const describeMachine = async (): Promise<string> => {
  const gibibytes = Math.round(totalmem() / 1024 ** 3);
  const release = await Bun.file("/etc/os-release")
    .text()
    .catch(() => "");
  const system = /^PRETTY_NAME="(.*)"$/m.exec(release)?.[1] ?? process.platform;
  return `${cpus().length} × ${cpus()[0]?.model ?? process.arch}, ${gibibytes} GiB, ${system}`;
};

const describeCommit = async (): Promise<string> => {
  const commit = (await $`git rev-parse --short=12 HEAD`.text()).trim();
  const changes = (await $`git status --porcelain -- src package.json bun.lock`.text()).trim();
  return changes === "" ? commit : `${commit} with uncommitted changes`;
};

/** A Markdown table; the first row is the head. */
export const table = (rows: readonly (readonly (string | number)[])[]): string => {
  const [head = [], ...body] = rows;
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
};

/** `met` or `MISSED`, with the figure and its goal. */
export const verdict = (
  what: string,
  value: number,
  comparison: "at most" | "at least" | "below",
  goal: number,
  unit = "",
): string => {
  const isMet = { "at most": value <= goal, "at least": value >= goal, below: value < goal };
  const figure = `${roundTo3(value)}${unit}`;
  return `- ${isMet[comparison] ? "met" : "**MISSED**"}: ${what} ${figure}, goal ${comparison} ${goal}${unit}`;
};

/** Three significant digits, without an exponent. */
export const roundTo3 = (value: number): string => String(Number(value.toPrecision(3)));

export const mebibytes = (bytes: number): number => bytes / 1024 ** 2;
