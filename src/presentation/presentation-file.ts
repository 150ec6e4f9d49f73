import type { Presentation } from "./presentation.ts";

/** A reader refuses any other. */
const VERSION = 1;

/** `presentation.json`: the presentation as data, so that the manifests can be made again without the segments. */
export const writePresentation = (presentation: Presentation): string =>
  `${JSON.stringify({ version: VERSION, presentation })}\n`;

/** What `writePresentation` wrote; null for anything else. Only its outline is checked: it was written by the transcoder, as the manifests were. */
export const readPresentation = (text: string): Presentation | null => {
  try {
    const file: unknown = JSON.parse(text);
    return isPresentationFile(file) ? file.presentation : null;
  } catch {
    return null;
  }
};

const isPresentationFile = (
  file: unknown,
): file is { readonly version: number; readonly presentation: Presentation } => {
  if (typeof file !== "object" || file === null || !("presentation" in file)) return false;
  if (!("version" in file) || file.version !== VERSION) return false;
  const presentation = file.presentation as Partial<Presentation> | null;
  return (
    typeof presentation?.durationSeconds === "number" &&
    [presentation.video, presentation.audio, presentation.text].every(Array.isArray)
  );
};
