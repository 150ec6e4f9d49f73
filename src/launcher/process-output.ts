import type { Readable } from "node:stream";
import type { Log } from "../log.ts";

/** A line longer than this is cut: nobody reads more, and a log store bills it. */
const MAX_LINE_CHARS = 2_000;
/** After so many lines of one transcoder the rest is dropped, so that a mad one cannot fill the disk. */
const MAX_LINES = 500;

/** Copies what a transcoder prints into our log, line by line and bounded. */
export const logLines = (stream: Readable, log: Log, name: "stdout" | "stderr"): void => {
  let rest = "";
  let lines = 0;
  const write = (line: string) => {
    lines += 1;
    if (line.trim() === "" || lines > MAX_LINES + 1) {
      return;
    }
    if (lines > MAX_LINES) {
      log.warn({ stream: name }, "the transcoder prints too much; the rest is not logged");
      return;
    }
    log.info({ stream: name, line: line.slice(0, MAX_LINE_CHARS) }, "transcoder output");
  };
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const [first = "", ...others] = chunk.split("\n");
    // The cut also bounds what is held of a line that never ends.
    rest = (rest + first).slice(0, MAX_LINE_CHARS);
    for (const next of others) {
      write(rest);
      rest = next.slice(0, MAX_LINE_CHARS);
    }
  });
  stream.on("end", () => write(rest));
  stream.on("error", (error) => log.debug({ err: error, stream: name }, "output ended early"));
};
