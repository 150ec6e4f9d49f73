/**
 * How many rules each of two packagers breaks over the same encoded pictures and sound: Sluice, and
 * ffmpeg's dash muxer, which gets Sluice's own tracks and copies them (`-c copy`, MPD and HLS playlists,
 * segments of 4 s). The judges are those of docs/conformance.md.
 *
 *     bun bench/conformance.ts
 */
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transcode } from "../src/transcoder/transcode.ts";
import { ntscFullHd, twoRungsTwoLanguages } from "../tests/fixtures/conformance-media.ts";
import { media } from "../tests/fixtures/media.ts";
import { readMaster } from "../tests/fixtures/read-hls.ts";
import { joinTrack } from "../tests/integration/transcoder/judge.ts";
import { type Broken, brokenRules, judges, notCounted } from "./harness/broken-rules.ts";
import { ffmpegVersion, systemFfmpeg } from "./harness/ffmpeg.ts";
import { table, verdict, writeSection } from "./harness/report.ts";

const sources: readonly (readonly [string, () => Promise<string>])[] = [
  ["two rungs, two languages", twoRungsTwoLanguages],
  ["three rungs at 29.97", ntscFullHd],
  ["portrait, silent", () => media("portrait.mp4")],
  ["below the ladder", () => media("below-ladder.mp4")],
  ["one picture", () => media("one-picture.mp4")],
  ["B pictures, 14 s", () => media("bframes-open-gop.mp4")],
];

const ffmpeg = systemFfmpeg();

/** Takes EXT-X-PROGRAM-DATE-TIME out of playlists: it is allowed, but the checker does not read on behind it. */
const withoutDates = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".m3u8")) continue;
    const path = join(folder, name);
    const text = await Bun.file(path).text();
    await Bun.write(path, text.replace(/^#EXT-X-PROGRAM-DATE-TIME:.*\n/gm, ""));
  }
};

/** Lets ffmpeg's dash muxer package the tracks of a presentation, each set of them as Sluice has it. */
const repackage = async (presentation: string, to: string): Promise<void> => {
  const master = readMaster(await Bun.file(join(presentation, "master.m3u8")).text());
  const sound = master.renditions.flatMap(({ TYPE, URI }) => (TYPE === "AUDIO" ? [URI ?? ""] : []));
  const uris = [...master.variants.map(({ uri }) => uri), ...sound];
  await mkdir(to, { recursive: true });
  const inputs = await Promise.all(
    uris.map((uri, index) =>
      joinTrack(join(presentation, uri, ".."), join(presentation, `joined-${index}.mp4`)),
    ),
  );
  const sets = [
    "id=0,streams=v",
    ...sound.map((_, index) => `id=${index + 1},streams=${master.variants.length + index}`),
  ];
  const child = Bun.spawn(
    [
      ...[ffmpeg, "-v", "error", "-nostdin"],
      ...inputs.flatMap((input) => ["-i", input]),
      ...inputs.flatMap((_, index) => ["-map", String(index)]),
      ...["-c", "copy", "-f", "dash", "-seg_duration", "4", "-hls_playlist", "1"],
      ...["-adaptation_sets", sets.join(" "), join(to, "manifest.mpd")],
    ],
    { stdout: "ignore", stderr: "pipe" },
  );
  const [said, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (code !== 0) throw new Error(`ffmpeg's dash muxer failed: ${said}`);
  await withoutDates(to);
};

const folder = await mkdtemp(join(tmpdir(), "sluice-bench-conformance-"));
const results: { name: string; ours: readonly Broken[]; theirs: readonly Broken[] }[] = [];
try {
  for (const [name, source] of sources) {
    const ours = join(folder, name, "sluice");
    const copy = join(folder, name, "tracks");
    const theirs = join(folder, name, "ffmpeg");
    const { signal } = new AbortController();
    await transcode(await source(), ours, { signal, onEvent: () => {} });
    await cp(ours, copy, { recursive: true });
    await repackage(copy, theirs);
    results.push({ name, ours: await brokenRules(ours), theirs: await brokenRules(theirs) });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

const perJudge = (broken: readonly Broken[], judge: string): number =>
  broken.filter((each) => each.judge === judge).length;
const cells = (broken: readonly Broken[]): number[] => [
  ...judges.map((judge) => perJudge(broken, judge)),
  broken.length,
];

/** What was broken anywhere, with the first words that were said of it and how often it was. */
const reasons = (packager: "ours" | "theirs"): string => {
  const seen = new Map<string, { broken: Broken; count: number }>();
  for (const broken of results.flatMap((result) => result[packager])) {
    const key = `${broken.judge}: ${broken.rule}`;
    const before = seen.get(key);
    seen.set(key, { broken: before?.broken ?? broken, count: (before?.count ?? 0) + 1 });
  }
  const rows = [...seen].map(([key, { broken, count }]) => [
    key,
    `${count} of ${results.length}`,
    broken.example.replaceAll("|", "/"),
  ]);
  return rows.length === 0 ? "none" : table([["rule", "sources", "for example"], ...rows]);
};

const ours = results.reduce((sum, result) => sum + result.ours.length, 0);
const theirs = results.reduce((sum, result) => sum + result.theirs.length, 0);
await writeSection({
  id: "conformance",
  title: "Broken rules of Sluice and of ffmpeg's dash muxer",
  command: "bun bench/conformance.ts",
  programs: [await ffmpegVersion(ffmpeg)],
  body: `Both package the same encoded tracks; ffmpeg copies Sluice's
(\`-c copy -f dash -seg_duration 4 -hls_playlist 1\`). A rule counts once for each source, however
often it is broken, and once when two judges find it. The judges are those of docs/conformance.md; all
but hls-parser were written by this project, and Sluice was mended until they found nothing. No
independent conformance suite (such as dashcheck) was at hand: read the figures as what these rules
find, not as what an independent suite would. Apple's rules that docs/conformance.md lists as not met by
Sluice are not among them: 9.9 (several variants, broken by both with a source of one rung), 1.30, 1.32,
2.18, 6.2, 7.5, 9.10 and the rest of that table hold or fall for both, because the encodes are the same. Counted are requirements and recommendations of ISO/IEC
23009-1, RFC 8216 and Apple's authoring specification that either output claims to keep to. Not counted
are CMAF's rules (ffmpeg's MPD does not claim CMAF) and these:

${table([["rule", "why it is not counted"], ...Object.entries(notCounted)])}

${table([
  ["source", "packager", ...judges, "all"],
  ...results.flatMap(({ name, ours: own, theirs: other }) => [
    [name, "Sluice", ...cells(own)],
    [name, "ffmpeg", ...cells(other)],
  ]),
])}

${verdict("rules broken by Sluice", ours, "at most", 0)}
- ffmpeg's dash muxer breaks ${theirs}

Broken by ffmpeg's dash muxer:

${reasons("theirs")}

Broken by Sluice: ${reasons("ours")}
`,
});
process.exit(ours === 0 ? 0 : 1);
