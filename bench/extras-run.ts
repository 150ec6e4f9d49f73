/**
 * One run of `bench/extras.ts`: renders a source with some of the extras and throws the bytes away.
 *
 *     bun bench/extras-run.ts <source> [thumbnails] [quality] [loudness]
 */

import { DEFAULT_LOUDNESS_LUFS } from "../src/loudness.ts";
import { measureSound } from "../src/transcoder/measure.ts";
import { planTranscode } from "../src/transcoder/plan/plan.ts";
import { settleSound } from "../src/transcoder/plan/settle-sound.ts";
import { probe } from "../src/transcoder/probe.ts";
import { render, WHOLE } from "../src/transcoder/render/render.ts";
import { openSource } from "../src/transcoder/source.ts";

const [path = "", ...given] = process.argv.slice(2);
const extras = new Set(given);
const { signal } = new AbortController();
const limits = { maxDurationSeconds: 3600 };

const source = await openSource(path, { signal });
const sketch = planTranscode((await probe(source, limits)).facts, limits);
const measure = async () => {
  const measured = await measureSound(source, sketch, { signal, onActivity: () => {} });
  return settleSound(sketch, measured, DEFAULT_LOUDNESS_LUFS).audio;
};
const plan = {
  ...sketch,
  // Of what the first pass finds only the gains: every arm makes the same number of pictures.
  audio: extras.has("loudness") ? await measure() : sketch.audio,
  storyboard: extras.has("thumbnails") ? sketch.storyboard : null,
  rungs: sketch.rungs.map((rung) => ({
    ...rung,
    // Among the encoder's own parameters it overrules what the product always asks for.
    x264: extras.has("quality")
      ? rung.x264
      : { ...rung.x264, params: { ...rung.x264.params, ssim: 0 } },
  })),
};

const made = { sheets: 0, figures: 0 };
const sink = {
  init: async () => {},
  segment: async () => {},
  poster: () => {},
  quality: () => {
    made.figures += 1;
  },
  sheet: async () => {
    made.sheets += 1;
  },
};
await render(source, plan, WHOLE, sink, { signal });
const isAsAsked =
  made.sheets > 0 === extras.has("thumbnails") && made.figures > 0 === extras.has("quality");
if (!isAsAsked) throw new Error(`other extras were made than asked for: ${JSON.stringify(made)}`);
