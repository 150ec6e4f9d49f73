/**
 * What sound is brought to when nothing is set, in LUFS. Broadcast has -23 (EBU R 128) for living rooms
 * with large amplifiers; phones and laptops do not reach a comfortable level from there. For streams
 * EBU R 128 s2 asks for -20 to -16, AES TD1008 for -18 (speech) to -16 (music), Apple's podcasts for
 * -16; music services go to -14, where film sound and speech with their larger peaks would need the
 * limiter that is not used here. -16 is the loudest level that all of the standards allow.
 */
export const DEFAULT_LOUDNESS_LUFS = -16;

/** What the setting and the command line take: a number of LUFS from -40 to -5, or `off`. */
export const LOUDNESS_PATTERN = "^(off|-([5-9]|[1-3][0-9]|40)(\\.[0-9]+)?)$";

/** The target of a text that fits `LOUDNESS_PATTERN`, in LUFS; null for `off`. */
export const loudnessTarget = (text: string): number | null =>
  text === "off" ? null : Number(text);
