import type { TextKind } from "../../presentation/presentation.ts";
import { languageTag } from "../language-tag.ts";
import type { TextFacts, TextFormat } from "../source-facts.ts";

/** A text track as it will stand in the presentation. */
export type TextPlan = {
  readonly streamIndex: number;
  readonly format: TextFormat;
  /** Folder name: the language, with a number where one occurs twice. */
  readonly id: string;
  /** BCP 47 tag. */
  readonly language: string;
  readonly label: string | null;
  readonly kind: TextKind;
  readonly isDefault: boolean;
  readonly isForced: boolean;
};

/** Films for the whole world have thirty; players list them all. */
export const MAX_TEXT_TRACKS = 48;

/**
 * Which text is taken and in which form. Of several defaults the first counts. A forced track is no
 * default: players show it unasked anyway.
 */
export const planText = (text: readonly TextFacts[]): TextPlan[] => {
  const seen = new Map<string, number>();
  const taken = text.slice(0, MAX_TEXT_TRACKS);
  const shown = taken.find(({ isDefault, isForced }) => isDefault && !isForced);
  return taken.map((facts) => {
    const language = languageTag(facts.language);
    const count = (seen.get(language) ?? 0) + 1;
    seen.set(language, count);
    const label = cleanLabel(facts.label);
    return {
      streamIndex: facts.streamIndex,
      format: facts.format,
      id: count === 1 ? language : `${language}-${count}`,
      language,
      label: label === "" ? null : label,
      kind: facts.isCaptions ? "captions" : "subtitles",
      isDefault: facts === shown,
      isForced: facts.isForced,
    };
  });
};

const MAX_LABEL_CHARACTERS = 100;

/** Control characters, and those that turn the direction of the text that follows (Unicode TR 36, 2.10). */
const HARMFUL = /[\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu;

const cleanLabel = (label: string): string =>
  label
    .toWellFormed()
    .replace(HARMFUL, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, MAX_LABEL_CHARACTERS)
    .toWellFormed();
