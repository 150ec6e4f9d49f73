import type { SluiceError } from "../errors.ts";
import type { TranscodeResult } from "../videos/job-message.ts";
import type { Progress } from "./progress.ts";
import type { TranscodeEvent } from "./transcode.ts";

/** How a run is told to whoever watches. */
export type Report = {
  readonly event: (event: TranscodeEvent) => void;
  readonly succeeded: (result: TranscodeResult, seconds: number) => void;
  readonly failed: (error: SluiceError) => void;
};

export type Terminal = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly isTty: boolean;
};

/** Plain lines come at most this often; a terminal's line is redrawn at every event. */
const LINE_INTERVAL_MS = 2000;

/** For people: a line that is redrawn on a terminal, a line now and then elsewhere. Everything goes to stderr. */
export const lineReport = ({ err, isTty }: Terminal): Report => {
  let lastLineMs = 0;
  const clear = isTty ? "\r\u001b[K" : "";
  return {
    event: (event) => {
      if (event.type === "started") {
        const { rungs, copy } = event.plan;
        const sizes = rungs
          .map(
            ({ id, width, height }) =>
              `${width}x${height}${id === copy?.rungId ? " (copied)" : ""}`,
          )
          .join(", ");
        const length = event.durationSeconds === null ? "?" : clockTime(event.durationSeconds);
        err(rungs.length > 0 ? `${length} of video into ${sizes}\n` : `${length} of sound\n`);
      }
      if (event.type !== "progress") return;
      if (isTty) return err(`${clear}${progressLine(event)}`);
      const now = performance.now();
      if (now - lastLineMs < LINE_INTERVAL_MS) return;
      lastLineMs = now;
      err(`${progressLine(event)}\n`);
    },
    succeeded: (result, seconds) => {
      const rungs = result.renditions.map(({ name }) => name).join(", ") || "sound";
      const megabytes = (result.totalBytes / 1e6).toFixed(1);
      err(`${clear}Done in ${clockTime(seconds)}: ${rungs}, ${megabytes} MB\n`);
      for (const { language, integratedLufs, gainDb } of result.sound) {
        if (integratedLufs === null) continue;
        const gain =
          gainDb === 0 ? "left alone" : `${gainDb > 0 ? "+" : ""}${gainDb.toFixed(1)} dB`;
        err(`Sound (${language}): ${integratedLufs.toFixed(1)} LUFS, ${gain}\n`);
      }
      for (const { message } of result.warnings) err(`Note: ${message}\n`);
    },
    failed: (error) => err(`${clear}${errorLine(error)}\n`),
  };
};

/** For programs: one JSON object a line on stdout, the error's sentence also on stderr. */
export const jsonReport = ({ out, err }: Terminal): Report => {
  const line = (value: object) => out(`${JSON.stringify(value)}\n`);
  return {
    event: (event) => {
      if (event.type !== "started") return line(event);
      const { durationSeconds, plan } = event;
      const renditions = plan.rungs.map(({ name, width, height }) => ({ name, width, height }));
      line({ type: "started", durationSeconds, renditions });
    },
    succeeded: (result) => {
      line({ type: "progress", percent: 100, speed: null, etaSeconds: 0 });
      line({ type: "succeeded", result });
    },
    failed: (error) => {
      line({ type: "failed", code: error.code, message: error.message });
      err(`${errorLine(error)}\n`);
    },
  };
};

/** For scripts: errors alone. */
export const quietReport = ({ err }: Terminal): Report => ({
  event: () => {},
  succeeded: () => {},
  failed: (error) => err(`${errorLine(error)}\n`),
});

export const errorLine = (error: SluiceError): string =>
  `transcoder: ${error.message} [${error.code}]`;

/** ` 42.0 %  1.93x  0:34 left` */
export const progressLine = ({ percent, speed, etaSeconds }: Progress): string => {
  const speedText = speed === null ? "" : `  ${speed.toFixed(2)}x`;
  const etaText = etaSeconds === null ? "" : `  ${clockTime(etaSeconds)} left`;
  return `${percent.toFixed(1).padStart(5)} %${speedText}${etaText}`;
};

/** `1:02:03`, or `2:03` below an hour. */
export const clockTime = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  const rest = twoDigits(whole % 60);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${rest}` : `${minutes}:${rest}`;
};
