/**
 * The language of a BCP 47 tag or an ISO 639-2 code in its shortest form, without script and region;
 * null for what is no such tag.
 */
export const languageOf = (tag: string): string | null => {
  try {
    return new Intl.Locale(tag).language;
  } catch {
    return null;
  }
};
