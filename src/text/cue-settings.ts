/** What each setting may say (W3C WebVTT §4.4); regions are left out with their definitions. */
const ALLOWED: Readonly<Record<string, RegExp>> = {
  vertical: /^(?:rl|lr)$/,
  line: /^(?:-?\d{1,3}|\d{1,3}(?:\.\d{1,3})?%)(?:,(?:start|center|end))?$/,
  position: /^\d{1,3}(?:\.\d{1,3})?%(?:,(?:line-left|center|line-right))?$/,
  size: /^\d{1,3}(?:\.\d{1,3})?%$/,
  align: /^(?:start|center|end|left|right)$/,
};

/** The settings of a WebVTT cue that are known and well formed, each once. */
export const cleanSettings = (text: string): string => {
  const kept = new Map<string, string>();
  for (const word of text.trim().split(/\s+/).slice(0, 20)) {
    const at = word.indexOf(":");
    const [name, value] = [word.slice(0, at), word.slice(at + 1)];
    if (Object.hasOwn(ALLOWED, name) && ALLOWED[name]?.test(value)) kept.set(name, value);
  }
  return [...kept].map(([name, value]) => `${name}:${value}`).join(" ");
};

/**
 * Settings for a place on the keypad, as ASS and SRT's `{\an8}` have it: 1 to 3 are the bottom row
 * from left to right, 7 to 9 the top. Bottom centre is what players do anyway.
 */
export const keypadSettings = (place: number): string => {
  const settings: string[] = [];
  if (place >= 7 && place <= 9) settings.push("line:0");
  if (place >= 4 && place <= 6) settings.push("line:50%,center");
  if (place % 3 === 1) settings.push("position:0%,line-left", "align:left");
  if (place % 3 === 0 && place > 0) settings.push("position:100%,line-right", "align:right");
  return settings.join(" ");
};
