/** As the API's schema has it. */
const MAX_TITLE_LENGTH = 200;

/** Control characters, and those that turn the direction of the text that follows (Unicode TR 36, 2.10). */
const HARMFUL = /[\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu;

/** A title as it is kept: one line, no invisible tricks, no space around it. May be empty. */
export const cleanTitle = (text: string): string =>
  text
    .replace(HARMFUL, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, MAX_TITLE_LENGTH)
    .trim()
    .toWellFormed();

/** The file's name without folders and ending. */
export const titleFromFileName = (fileName: string): string => {
  const name = fileName.split(/[\\/]/).at(-1) ?? "";
  return cleanTitle(name.replace(/(?<=.)\.[^.]{1,8}$/, "")) || "Untitled";
};
