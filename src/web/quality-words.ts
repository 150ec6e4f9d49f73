/**
 * What a structural similarity means to people: the five grades of ITU-R BT.500 with the bounds of
 * T. Zinner et al., "Impact of frame rate and resolution on objective QoE metrics", QoMEX 2010.
 */
const GRADES: readonly { readonly from: number; readonly words: string }[] = [
  { from: 0.99, words: "Looks the same" },
  { from: 0.95, words: "Very close" },
  { from: 0.88, words: "Slightly worse" },
  { from: 0.5, words: "Visibly worse" },
  { from: Number.NEGATIVE_INFINITY, words: "Much worse" },
];

/** How a rendition compares with the original, by its mean SSIM (0 to 1). */
export const qualityWords = (ssim: number): string =>
  GRADES.find(({ from }) => ssim >= from)?.words ?? "";

/** `98.1 %`. Cut, not rounded: only what is the same is 100. */
export const formatLikeness = (ssim: number): string =>
  `${(Math.floor(ssim * 1000 + 1e-6) / 10).toFixed(1)} %`;
