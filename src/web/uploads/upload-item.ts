import type { ChosenFile } from "./choose-files.ts";
import type { SpeedMeter } from "./speed.ts";

/**
 * One upload as the page shows it.
 *
 * `waiting → sending → finishing → done`; `paused` and `failed` go back to `waiting`; `interrupted`
 * is an upload of an earlier visit, which needs its file.
 */
export type UploadItem = {
  /** The page's own; also the Idempotency-Key of its start. */
  readonly key: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly state:
    | "waiting"
    | "sending"
    | "finishing"
    | "paused"
    | "failed"
    | "interrupted"
    | "done";
  readonly sentBytes: number;
  readonly meter: SpeedMeter;
  /** Sentence for people; null unless something went wrong. */
  readonly error: string | null;
  /** null until the server knows of it. */
  readonly uploadId: string | null;
  readonly videoId: string | null;
  /** null for an interrupted upload. */
  readonly chosen: ChosenFile | null;
  /** Whether the browser still knows where the file lies. */
  readonly reopenable: boolean;
};

const MOVING = new Set<UploadItem["state"]>(["waiting", "sending", "finishing"]);

/** Whether closing the page now would interrupt it. */
export const isMoving = (item: UploadItem): boolean => MOVING.has(item.state);

/** Rounded down, so that 100 % is only shown for all of it. */
export const percentSent = ({ sentBytes, sizeBytes }: UploadItem): number =>
  sizeBytes === 0 ? 0 : Math.floor((sentBytes / sizeBytes) * 100);
