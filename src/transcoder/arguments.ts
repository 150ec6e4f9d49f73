import { parseArgs } from "node:util";
import { DEFAULT_LOUDNESS_LUFS, LOUDNESS_PATTERN, loudnessTarget } from "../loudness.ts";

/** What the command line asks for. */
export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "check" }
  | { readonly kind: "job" }
  | TranscodeCommand
  | { readonly kind: "wrong"; readonly message: string };

export type TranscodeCommand = {
  readonly kind: "transcode";
  readonly input: string;
  readonly out: string;
  readonly overwrite: boolean;
  readonly report: "lines" | "json" | "quiet";
  /** Longest source accepted, in seconds; undefined for the default. */
  readonly maxDurationSeconds: number | undefined;
  /** What sound is brought to, in LUFS; null leaves it alone. */
  readonly loudnessLufs: number | null;
  /** Whether the source's own pictures may become the highest rung. */
  readonly mayCopy: boolean;
};

export const HELP = `
Turns a video into a presentation that plays adaptively everywhere (DASH and HLS over the same segments).

Usage:
  transcoder <input> --out <folder>   convert a file or an http(s) address into a new folder
  transcoder job                      convert what the environment names; started by the launcher

Options:
  -o, --out <folder>       where the presentation goes; made if missing
      --overwrite          replace a presentation that lies there; other files stay
      --max-duration <s>   longest source accepted, in seconds (default 43200)
      --loudness=<LUFS>    what sound is brought to by one gain (EBU R 128, default -16); 'off'
                           leaves it as it is
      --no-copy            encode the highest rung again even where the source's own pictures
                           could be taken as they are
      --json               one JSON object per line on stdout: started, progress, playable,
                           succeeded or failed
  -q, --quiet              print errors only
      --check              check the settings of 'transcoder job', and exit
  -V, --version            version, commit and FFmpeg's version
  -h, --help               this text

On Ctrl-C everything this run wrote is removed.

Exit codes: 0 done, 64 wrong command line, 65 the source cannot be used, 66 no such input, 70 our
fault, 73 the output cannot be written, 75 try again, 78 wrong settings, 130 Ctrl-C, 143 SIGTERM.
`.trim();

/** Reads the command line; pure. */
export const readArguments = (argv: readonly string[]): Command => {
  const parsed = parse(argv);
  if (typeof parsed === "string") return wrong(parsed);
  const { values, positionals } = parsed;
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  if (values.check) return { kind: "check" };
  const [input, ...rest] = positionals;
  if (input === undefined) return wrong("an input is missing.");
  if (rest.length > 0) return wrong(`one input at a time; '${rest[0]}' is too many.`);
  if (input === "job" && values.out === undefined) return { kind: "job" };
  if (values.out === undefined || values.out === "") return wrong("--out <folder> is missing.");
  if (values.json && values.quiet) return wrong("--json and --quiet exclude each other.");
  const maxDurationSeconds =
    values["max-duration"] === undefined ? undefined : Number(values["max-duration"]);
  if (maxDurationSeconds !== undefined && !(maxDurationSeconds > 0)) {
    return wrong("--max-duration takes a number of seconds above zero.");
  }
  const loudness = values.loudness ?? String(DEFAULT_LOUDNESS_LUFS);
  if (!new RegExp(LOUDNESS_PATTERN).test(loudness)) {
    return wrong("--loudness takes a number of LUFS from -40 to -5, or off.");
  }
  return {
    kind: "transcode",
    input,
    out: values.out,
    overwrite: values.overwrite ?? false,
    loudnessLufs: loudnessTarget(loudness),
    report: values.json ? "json" : values.quiet ? "quiet" : "lines",
    maxDurationSeconds,
    mayCopy: !(values["no-copy"] ?? false),
  };
};

const wrong = (message: string): Command => ({ kind: "wrong", message });

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        out: { type: "string", short: "o" },
        overwrite: { type: "boolean" },
        "max-duration": { type: "string" },
        loudness: { type: "string" },
        "no-copy": { type: "boolean" },
        json: { type: "boolean" },
        quiet: { type: "boolean", short: "q" },
        check: { type: "boolean" },
        version: { type: "boolean", short: "V" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
};
