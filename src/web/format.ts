/** Numbers as people read them. All pure; language is the page's, English. */

const STEPS = ["B", "KB", "MB", "GB", "TB"] as const;

/** Decimal units, as file managers of macOS and phones and every disk's label have them. */
export const formatBytes = (bytes: number): string => {
  const exponent = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** exponent;
  const digits = exponent === 0 || value >= 100 ? 0 : 1;
  // 999.96 KB would round to "1000.0 KB"; nothing shown here needs better than that.
  return `${value.toFixed(digits)} ${STEPS[exponent] ?? "TB"}`;
};

/** `1:05`, `1:02:09`: the length of a video. */
export const formatDuration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  const clock = [Math.floor(whole / 60) % 60, whole % 60];
  const hours = Math.floor(whole / 3600);
  const [minutes = 0, rest = 0] = clock;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
};

const pad = (value: number): string => String(value).padStart(2, "0");

/** `about 2 min`: rounded, because an estimate with seconds looks like a promise. */
export const formatRemaining = (seconds: number): string => {
  if (seconds < 5) {
    return "a few seconds";
  }
  if (seconds < 60) {
    return `${Math.ceil(seconds / 5) * 5} s`;
  }
  if (seconds < 3600) {
    return `${Math.round(seconds / 60)} min`;
  }
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.round((seconds % 3600) / 60);
  return minutes === 0
    ? `${hours} h`
    : minutes === 60
      ? `${hours + 1} h`
      : `${hours} h ${minutes} min`;
};

/** `4.2 Mbit/s`, `850 kbit/s`. */
export const formatBitrate = (bitsPerSecond: number): string =>
  bitsPerSecond >= 1_000_000
    ? `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`
    : `${Math.round(bitsPerSecond / 1000)} kbit/s`;

export const formatSpeed = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;

const AGES: readonly (readonly [seconds: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [31_536_000, "year"],
  [2_592_000, "month"],
  [604_800, "week"],
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
];

/** `3 hours ago`, `yesterday`; `just now` below a minute. */
export const formatAge = (iso: string, nowMs: number): string => {
  const seconds = (nowMs - Date.parse(iso)) / 1000;
  const step = AGES.find(([size]) => seconds >= size);
  if (step === undefined) {
    return "just now";
  }
  const [size, unit] = step;
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(
    -Math.floor(seconds / size),
    unit,
  );
};

/** `23.98 fps`, `30 fps`. */
export const formatFrameRate = (framesPerSecond: number): string =>
  `${Number(framesPerSecond.toFixed(2))} fps`;
