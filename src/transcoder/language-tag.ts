/**
 * Bibliographic codes of ISO 639-2, which Matroska files use, by the BCP 47 tag that they stand for
 * (RFC 5646 §2.2.1 wants the shortest code). Intl knows the other three-letter codes.
 */
const bibliographic: Readonly<Record<string, string>> = {
  alb: "sq",
  arm: "hy",
  baq: "eu",
  bur: "my",
  chi: "zh",
  cze: "cs",
  dut: "nl",
  fre: "fr",
  geo: "ka",
  ger: "de",
  gre: "el",
  ice: "is",
  mac: "mk",
  mao: "mi",
  may: "ms",
  per: "fa",
  rum: "ro",
  slo: "sk",
  tib: "bo",
  wel: "cy",
};

/** The BCP 47 tag of an ISO 639 code of two or three letters; `und` for anything else. */
export const languageTag = (code: string): string => {
  const lower = code.toLowerCase();
  if (!/^[a-z]{2,3}$/.test(lower)) return "und";
  return bibliographic[lower] ?? Intl.getCanonicalLocales(lower)[0] ?? "und";
};

/** Terminological codes of the same languages. */
const terminological: Readonly<Record<string, string>> = {
  alb: "sqi",
  arm: "hye",
  baq: "eus",
  bur: "mya",
  chi: "zho",
  cze: "ces",
  dut: "nld",
  fre: "fra",
  geo: "kat",
  ger: "deu",
  gre: "ell",
  ice: "isl",
  mac: "mkd",
  mao: "mri",
  may: "msa",
  per: "fas",
  rum: "ron",
  slo: "slk",
  tib: "bod",
  wel: "cym",
};

/** What a media header says (ISO/IEC 14496-12 §8.4.2): the terminological code of ISO 639-2. */
export const mediaHeaderLanguage = (code: string): string => terminological[code] ?? code;
