/** English name of a BCP 47 tag, the tag itself where it has none; null for `und`. */
export const languageName = (language: string): string | null => {
  if (language === "und") return null;
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(language) ?? language;
  } catch (error) {
    if (error instanceof RangeError) return language; // not a well-formed BCP 47 tag
    throw error;
  }
};
