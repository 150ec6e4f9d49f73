/**
 * Colour by the formulas of the standards, so that what the transcoder makes is checked against
 * numbers that no filter of it made.
 */

export type Triple = readonly [number, number, number];

/** Luma weights of red and blue. */
export const LUMA = {
  bt601: [0.299, 0.114],
  bt709: [0.2126, 0.0722],
  bt2020: [0.2627, 0.0593],
  smpte240m: [0.212, 0.087],
  fcc: [0.3, 0.11],
} as const;

type Chromaticities = readonly [Point, Point, Point];
type Point = readonly [number, number];

/** Chromaticities of red, green and blue (ITU-T H.273, table 2); white is D65 in all of them. */
export const PRIMARIES = {
  bt709: [
    [0.64, 0.33],
    [0.3, 0.6],
    [0.15, 0.06],
  ],
  bt470bg: [
    [0.64, 0.33],
    [0.29, 0.6],
    [0.15, 0.06],
  ],
  smpte170m: [
    [0.63, 0.34],
    [0.31, 0.595],
    [0.155, 0.07],
  ],
  bt2020: [
    [0.708, 0.292],
    [0.17, 0.797],
    [0.131, 0.046],
  ],
  smpte432: [
    [0.68, 0.32],
    [0.265, 0.69],
    [0.15, 0.06],
  ],
} as const satisfies Record<string, Chromaticities>;

const D65: Point = [0.3127, 0.329];

type Matrix3 = readonly [Triple, Triple, Triple];

const apply = (matrix: Matrix3, [a, b, c]: Triple): Triple => {
  const [x, y, z] = matrix.map(([p, q, r]) => p * a + q * b + r * c);
  return [x ?? 0, y ?? 0, z ?? 0];
};

const inverse = ([[a, b, c], [d, e, f], [g, h, i]]: Matrix3): Matrix3 => {
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return [
    [(e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det],
    [(f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det],
    [(d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det],
  ];
};

/** RGB to XYZ (SMPTE RP 177). */
const toXyz = ([[xr, yr], [xg, yg], [xb, yb]]: Chromaticities): Matrix3 => {
  const columns: Matrix3 = [
    [xr, xg, xb],
    [yr, yg, yb],
    [1 - xr - yr, 1 - xg - yg, 1 - xb - yb],
  ];
  const [x, y] = D65;
  const [sr, sg, sb] = apply(inverse(columns), [x / y, 1, (1 - x - y) / y]);
  const [p, q, r] = columns.map(([a, b, c]): Triple => [a * sr, b * sg, c * sb]);
  return [p ?? [0, 0, 0], q ?? [0, 0, 0], r ?? [0, 0, 0]];
};

/** The same light with other primaries. */
export const between = (
  from: keyof typeof PRIMARIES,
  to: keyof typeof PRIMARIES,
  light: Triple,
): Triple => apply(inverse(toXyz(PRIMARIES[to])), apply(toXyz(PRIMARIES[from]), light));

export const each = (triple: Triple, change: (value: number) => number): Triple => [
  change(triple[0]),
  change(triple[1]),
  change(triple[2]),
];

/** Codes of 8 or 10 bits (ITU-R BT.709, BT.2100: limited range; full range: all codes). */
export const yuvOf = (
  [r, g, b]: Triple,
  matrix: keyof typeof LUMA,
  { bits = 8, range = "limited" }: { bits?: 8 | 10; range?: "limited" | "full" } = {},
): Triple => {
  const [kr, kb] = LUMA[matrix];
  const y = kr * r + (1 - kr - kb) * g + kb * b;
  const u = (b - y) / (2 * (1 - kb));
  const v = (r - y) / (2 * (1 - kr));
  const most = 2 ** bits - 1;
  const unit = 2 ** (bits - 8);
  const [luma, chroma, black] =
    range === "full" ? [most, most, 0] : [219 * unit, 224 * unit, 16 * unit];
  return [
    Math.round(black + luma * y),
    Math.min(most, Math.round(128 * unit + chroma * u)),
    Math.min(most, Math.round(128 * unit + chroma * v)),
  ];
};

/** sRGB's curve (IEC 61966-2-1). */
export const srgb = (light: number): number =>
  light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;

const M1 = 2610 / 16384;
const M2 = (2523 / 4096) * 128;
const C1 = 3424 / 4096;
const C2 = (2413 / 4096) * 32;
const C3 = (2392 / 4096) * 32;

/** SMPTE ST 2084's inverse EOTF, from cd/m². */
export const pq = (nits: number): number => {
  const power = (Math.max(0, nits) / 10_000) ** M1;
  return ((C1 + C2 * power) / (1 + C3 * power)) ** M2;
};

/** SMPTE ST 2084's EOTF, to cd/m². */
export const pqInverse = (code: number): number => {
  const power = code ** (1 / M2);
  return 10_000 * (Math.max(0, power - C1) / (C2 - C3 * power)) ** (1 / M1);
};

/** ITU-R BT.2100's HLG OETF, from scene light of 0 to 1. */
export const hlg = (scene: number): number =>
  scene <= 1 / 12
    ? Math.sqrt(3 * Math.max(0, scene))
    : 0.17883277 * Math.log(12 * scene - 0.28466892) + 0.55991073;

/** Scene light of display light in cd/m² (BT.2100's inverse OOTF for a display of 1000 cd/m², gamma 1.2). */
export const hlgScene = (nits: Triple): Triple => {
  const [r, g, b] = each(nits, (value) => value / 1000);
  const luminance = 0.2627 * r + 0.678 * g + 0.0593 * b;
  const factor = luminance > 0 ? luminance ** (1 / 1.2 - 1) : 0;
  return [r * factor, g * factor, b * factor];
};

/** Diffuse white of high dynamic range, which is the standard range's white (ITU-R BT.2408). */
export const WHITE_NITS = 203;

/**
 * ITU-R BT.2390's EETF without black lift, from a peak to 203 cd/m². `knee` 1 begins the roll-off
 * earlier than the report's 0.5 and keeps more detail in highlights; decoders have both in use.
 */
export const eetf = (nits: number, peak: number, knee = 1): number => {
  const scale = pq(peak);
  const most = pq(WHITE_NITS) / scale;
  const start = (1 + knee) * most - knee;
  const from = Math.min(1, pq(nits) / scale);
  if (from < start) return nits;
  const t = (from - start) / (1 - start);
  const bent =
    (2 * t ** 3 - 3 * t ** 2 + 1) * start +
    (t ** 3 - 2 * t ** 2 + t) * (1 - start) +
    (-2 * t ** 3 + 3 * t ** 2) * most;
  return pqInverse(bent * scale);
};

/** Code of a standard display's light (ITU-R BT.1886's inverse, black at 0). */
export const display = (nits: number): number =>
  Math.min(1, Math.max(0, nits / WHITE_NITS)) ** (1 / 2.4);
