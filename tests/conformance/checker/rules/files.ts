import type { Findings } from "../finding.ts";
import {
  mpdFile,
  multivariantFile,
  type Presentation,
  thumbnailIndexFile,
} from "../presentation.ts";

/** Files that no manifest names: the manifests, the poster, the index of the thumbnails and what is kept as data. */
const ROOT_FILES = new Set([
  mpdFile,
  multivariantFile,
  "poster.jpg",
  thumbnailIndexFile,
  "result.json",
  "presentation.json",
]);

/** Everything that is named is there, and everything that is there is named. */
export const checkFiles = (presentation: Presentation, findings: Findings): void => {
  const { files } = presentation;
  const named = namedFiles(presentation);
  for (const file of named) {
    const length = files.get(file)?.length;
    if (length === undefined)
      findings.add("file-missing", file, "A manifest names it; it is not there.");
    if (length === 0) findings.add("file-missing", file, "A manifest names it; it is empty.");
  }
  for (const file of files.keys()) {
    const isKnown = named.has(file) || ROOT_FILES.has(file);
    findings.require(isKnown, "file-unnamed", file, "No manifest names it.");
  }
};

const namedFiles = ({ manifest, multivariant, playlists }: Presentation): Set<string> => {
  const named = new Set<string>();
  const add = (file: string | null | undefined): void => {
    if (file != null) named.add(file);
  };
  for (const { representations } of manifest?.sets ?? []) {
    for (const { media } of representations) {
      add(media.initialization);
      add(media.wholeFile);
      for (const { file } of media.segments) add(file);
    }
  }
  const { variants = [], renditions = [], iFrames = [] } = multivariant ?? {};
  for (const { playlist } of [...variants, ...renditions, ...iFrames]) add(playlist);
  for (const playlist of playlists.values()) {
    for (const { file, map } of playlist.segments) {
      add(file);
      add(map?.file);
    }
  }
  return named;
};
