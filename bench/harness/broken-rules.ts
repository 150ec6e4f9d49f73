import { join } from "node:path";
import { checkPresentation } from "../../tests/conformance/checker/check-presentation.ts";
import { brokenAppleRules } from "../../tests/fixtures/apple-rules/apple-rules.ts";
import { hlsGrammarErrors } from "../../tests/fixtures/hls-grammar.ts";
import { mpdSchemaErrors } from "../../tests/fixtures/mpd-schema.ts";

/** The judges of a finished presentation, as columns of a table. */
export const judges = ["MPD schema", "hls-parser", "checker", "Apple's rules"] as const;

/** One rule that a presentation breaks. */
export type Broken = {
  readonly judge: (typeof judges)[number];
  readonly rule: string;
  readonly example: string;
};

/**
 * Rules of the judges that are not counted, because a presentation may break them and still keep to every
 * document that it claims to keep to; by rule, with the reason.
 */
export const notCounted: Readonly<Record<string, string>> = {
  "file-unnamed": "asked for by this project alone",
  "tracks-start-together": "asked for by this project alone",
  "mpd-role": "Role may be left out",
  "mpd-frame-rate": "maxFrameRate may be left out",
  "mpd-bandwidth": "a higher value than needed is allowed; the check has an upper bound",
  "mpd-durations": "media may reach beyond the presentation's end by more than a picture",
  "mpd-language": "no document asks that the media header repeats the manifest's language",
  "hls-groups": "DEFAULT=YES without AUTOSELECT is allowed",
  "both-same-media": "only the checker's reading of both manifests together",
  "hls-bandwidth": "1.27 counts instead, with Apple's tolerance of 10 %",
  "hls-average-bandwidth": "1.26 and 9.14 count instead",
  "both-same-language": "8.10 counts instead",
  "Invalid Playlist : The EXT-X-TARGETDURATION tag is REQUIRED":
    "hls-parser says so of EXT-X-TARGETDURATION:0, which is allowed",
  "9.13": "1.27 counts instead, with Apple's tolerance of 10 %",
  "9.16": "VIDEO-RANGE may be left out when all is SDR",
  "8.22": "common boundaries are recommended, and how near is near enough is this project's choice",
};

/** CMAF is claimed by Sluice's manifests alone, so its rules count for neither. */
const isCmafAlone = (rule: string): boolean => rule.startsWith("cmaf-");

/** Numbers of Apple's rules that a clause of the checker cites: what both find is counted once. */
const citedAppleRules = (clause: string): string[] =>
  /Apple HLS authoring (.*)$/.exec(clause)?.[1]?.match(/\d+\.\d+/g) ?? [];

/**
 * Every rule that a presentation (`manifest.mpd`, `master.m3u8`) breaks, once each. A judge that names no
 * rules (schema, parser) counts each kind of complaint once.
 */
export const brokenRules = async (folder: string): Promise<Broken[]> => {
  const [schema, grammar, checker, apple] = await Promise.all([
    mpdSchemaErrors(join(folder, "manifest.mpd")),
    hlsGrammarErrors(folder),
    checkPresentation(folder),
    brokenAppleRules(folder),
  ]);
  const appleNumbers = new Set(apple.map(({ number }) => number));
  const found: Broken[] = [
    ...schema
      .filter((line) => !/ (fails to validate|validates)$/.test(line))
      .map((line): Broken => {
        const complaint = line.replace(/^.*?element /, "").replaceAll(/\{[^}]*\}/g, "");
        return { judge: "MPD schema", rule: complaint.slice(0, 60), example: complaint };
      }),
    ...grammar.map((line): Broken => {
      const complaint = line.replace(/^[^:]*: /, "");
      return { judge: "hls-parser", rule: complaint.slice(0, 60), example: line };
    }),
    ...checker
      .filter(({ rule }) => !isCmafAlone(rule))
      .filter(({ clause }) => !citedAppleRules(clause).some((cited) => appleNumbers.has(cited)))
      .map(
        ({ rule, file, message }): Broken => ({
          judge: "checker",
          rule,
          example: `${file}: ${message}`,
        }),
      ),
    ...apple.map(
      ({ number, lines }): Broken => ({
        judge: "Apple's rules",
        rule: number,
        example: lines[0] ?? "",
      }),
    ),
  ];
  const seen = new Set<string>();
  return found.filter(({ judge, rule }) => {
    const isNew = !seen.has(`${judge}: ${rule}`);
    seen.add(`${judge}: ${rule}`);
    return isNew && !Object.hasOwn(notCounted, rule);
  });
};
