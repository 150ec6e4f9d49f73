import { buildTextPlaylist } from "../presentation/hls-text.ts";
import { mediaPlaylistName, textFileName } from "../presentation/names.ts";
import type { TextTrack } from "../presentation/presentation.ts";
import { within } from "../text/cue.ts";
import { writeWebVtt } from "../text/write-web-vtt.ts";
import type { SourceWarning } from "../videos/job-message.ts";
import type { TextPlan } from "./plan/text-plan.ts";
import type { TextOutcome } from "./render/text.ts";

/** Folder of the text tracks, relative to the manifests. */
const TEXT_FOLDER = "s";

export type WrittenText = {
  readonly track: TextTrack;
  /** By name relative to the presentation. */
  readonly files: ReadonlyMap<string, Uint8Array>;
};

/** The files of every text track that says anything within the presentation's length; pure. */
export const textFiles = (
  plan: readonly TextPlan[],
  outcomes: readonly TextOutcome[],
  durationSeconds: number,
): WrittenText[] =>
  plan.flatMap(({ id, language, label, kind, isDefault, isForced }): WrittenText[] => {
    const cues = within(outcomes.find((outcome) => outcome.id === id)?.cues ?? [], durationSeconds);
    if (cues.length === 0) return [];
    const path = `${TEXT_FOLDER}/${id}`;
    const file = Buffer.from(writeWebVtt(cues));
    const sizeBytes = file.length;
    return [
      {
        track: { id: `s-${id}`, path, kind, language, label, isDefault, isForced, sizeBytes },
        files: new Map<string, Uint8Array>([
          [`${path}/${textFileName}`, file],
          [`${path}/${mediaPlaylistName}`, Buffer.from(buildTextPlaylist(durationSeconds))],
        ]),
      },
    ];
  });

/** What went wrong with the text of a source, for the person whose video it is. */
export const textWarnings = (outcomes: readonly TextOutcome[]): SourceWarning[] =>
  outcomes.some(({ truncated }) => truncated)
    ? [
        {
          code: "text_truncated",
          message: "The subtitles are longer than can be kept; the rest was left out.",
        },
      ]
    : [];
