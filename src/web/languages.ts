/** Languages that subtitles are most often in (BCP 47), beside those of the browser; the API takes any. */
const COMMON = [
  ...[
    "ar",
    "bg",
    "bn",
    "bs",
    "ca",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "eu",
    "fa",
    "fi",
    "fr",
  ],
  ...[
    "ga",
    "gl",
    "he",
    "hi",
    "hr",
    "hu",
    "hy",
    "id",
    "is",
    "it",
    "ja",
    "ka",
    "kk",
    "ko",
    "lt",
    "lv",
  ],
  ...["mk", "ml", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sq", "sr"],
  ...["sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "vi", "zh-Hans", "zh-Hant"],
];

export type LanguageChoice = { readonly tag: string; readonly name: string };

const names = new Intl.DisplayNames(["en"], { type: "language" });

/** Name of a language as the page writes it; the tag itself where it has none. */
export const languageName = (tag: string): string => {
  if (tag === "und") {
    return "Unknown";
  }
  try {
    return names.of(tag) ?? tag;
  } catch {
    return tag; // not a well-formed tag
  }
};

/**
 * What a list of languages offers, by name.
 * @param others tags that must be in it: the browser's, and the one that is set
 */
export const languageChoices = (others: readonly string[]): readonly LanguageChoice[] =>
  [...new Set([...COMMON, ...others.filter((tag) => tag !== "und")])]
    .map((tag) => ({ tag, name: languageName(tag) }))
    .toSorted((a, b) => a.name.localeCompare(b.name, "en"));

/** The language in a file's name, as in `film.de.srt` or `film.pt-BR.vtt`; null without one. */
export const languageOfFileName = (name: string): string | null => {
  const [, part] =
    /[._ -]([a-z]{2,3}(?:-[a-z]{2,4})?)(?:\.(?:forced|sdh|cc))?\.[a-z]{2,4}$/i.exec(name) ?? [];
  if (part === undefined) {
    return null;
  }
  const tag = Intl.getCanonicalLocales(part)[0] ?? part;
  return languageName(tag) === tag ? null : tag;
};
