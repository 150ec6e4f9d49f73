import { matroskaBombs } from "./files/matroska-bombs.ts";
import { mp4Bombs } from "./files/mp4-bombs.ts";
import { mutatedClips } from "./files/mutated-clips.ts";
import { otherBombs } from "./files/other-containers.ts";
import { referenceFiles } from "./files/references.ts";
import type { HostileFile } from "./hostile-file.ts";

/** Every hostile file, by what makes it so. */
export const hostileFiles: Readonly<Record<string, readonly HostileFile[]>> = {
  "files that point elsewhere": referenceFiles,
  "MP4 and MOV": mp4Bombs,
  "Matroska and WebM": matroskaBombs,
  "other containers": otherBombs,
  "real clips, damaged": mutatedClips,
};
