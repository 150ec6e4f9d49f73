import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Finding, Findings } from "./finding.ts";
import { type Files, readPresentation } from "./presentation.ts";
import { checkSound } from "./rules/aac.ts";
import { checkTogether } from "./rules/both-manifests.ts";
import { checkHeaders } from "./rules/cmaf-header.ts";
import { checkSegments } from "./rules/cmaf-segments.ts";
import { checkFiles } from "./rules/files.ts";
import { checkParameterSets } from "./rules/h264-parameters.ts";
import { checkPictures } from "./rules/h264-pictures.ts";
import { checkMultivariant } from "./rules/hls-master.ts";
import { checkMediaPlaylists } from "./rules/hls-media.ts";
import { checkIFrames } from "./rules/i-frames.ts";
import { checkMpdDocument } from "./rules/mpd-document.ts";
import { checkMpdRepresentations } from "./rules/mpd-representations.ts";
import { checkMpdTimeline } from "./rules/mpd-timeline.ts";
import { checkText } from "./rules/text.ts";
import { checkThumbnails } from "./rules/thumbnails.ts";

const RULES = [
  checkFiles,
  checkMpdDocument,
  checkMpdRepresentations,
  checkMpdTimeline,
  checkMultivariant,
  checkMediaPlaylists,
  checkIFrames,
  checkHeaders,
  checkSegments,
  checkParameterSets,
  checkPictures,
  checkSound,
  checkTogether,
  checkThumbnails,
  checkText,
];

/**
 * Everything that is wrong with the presentation in a folder (`manifest.mpd`, `master.m3u8` and what
 * they name); empty for one that is right. It is read as a player reads it, and by code that shares
 * nothing with what wrote it.
 */
export const checkPresentation = async (folder: string): Promise<readonly Finding[]> =>
  findingsIn(await readFolder(folder));

/** The same over files in memory, by name relative to the presentation. */
export const findingsIn = (files: Files): readonly Finding[] => {
  const findings = new Findings();
  const presentation = readPresentation(files, findings);
  for (const rule of RULES) rule(presentation, findings);
  return findings.all;
};

/** Every file below a folder. */
export const readFolder = async (folder: string): Promise<Map<string, Uint8Array>> => {
  const files = new Map<string, Uint8Array>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path), await Bun.file(path).bytes());
  }
  return files;
};
