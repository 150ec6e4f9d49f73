import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";
import { systemFfmpeg } from "./ffmpeg.ts";

const SIZE = { width: 1920, height: 1080 } as const;
const FRAMES_PER_SECOND = 30;
const SECONDS = 12;

/** Half a second of scrolling, a second of reading, again and again; characters are typed all the time. */
const FRAMES_PER_STEP = 45;
const SCROLLING_FRAMES = 15;
const PIXELS_PER_STEP = 540;

const repository = join(import.meta.dir, "../..");
const sourceFile = join(repository, "src/transcoder/ffmpeg/video-encoder.ts");

/**
 * A recording of a browser as people make them for tutorials: a page of source text that scrolls, and
 * a field that is typed into. Drawn picture by picture, so that none is missed, and kept without loss.
 */
export const recordScreen = async (target: string): Promise<string> => {
  if (await Bun.file(target).exists()) return target;
  await mkdir(dirname(target), { recursive: true });
  const text = await Bun.file(sourceFile).text();
  const executablePath = Bun.which("chromium") ?? Bun.which("google-chrome");
  if (executablePath === null) throw new Error("No Chromium here; run: apt-get install chromium");
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const encoder = Bun.spawn(
    [
      ...[systemFfmpeg(), "-v", "error", "-y", "-f", "image2pipe", "-c:v", "png"],
      ...["-framerate", String(FRAMES_PER_SECOND), "-i", "-", "-c:v", "libx264", "-qp", "0"],
      ...["-preset", "veryfast", "-pix_fmt", "yuv420p", target],
    ],
    { stdin: "pipe", stdout: "ignore", stderr: "inherit" },
  );
  try {
    const page = await browser.newPage({ viewport: SIZE });
    await page.setContent(pageOf(text.repeat(3)));
    for (let frame = 0; frame < SECONDS * FRAMES_PER_SECOND; frame += 1) {
      await page.evaluate(showFrame, { typed: text.slice(0, 200 + frame), top: scrollTop(frame) });
      encoder.stdin.write(await page.screenshot({ type: "png" }));
      await encoder.stdin.flush();
    }
  } finally {
    await browser.close();
    await encoder.stdin.end();
  }
  if ((await encoder.exited) !== 0) throw new Error("the screen recording failed");
  return target;
};

const scrollTop = (frame: number): number => {
  const step = Math.floor(frame / FRAMES_PER_STEP);
  const moving = Math.min(1, (frame % FRAMES_PER_STEP) / SCROLLING_FRAMES);
  return Math.round(PIXELS_PER_STEP * (step + moving));
};

const showFrame = ({ typed, top }: { typed: string; top: number }): void => {
  const element = (id: string) => document.getElementById(id);
  element("page")?.scrollTo(0, top);
  const field = element("field");
  if (field !== null) field.textContent = `${typed}\u2588`;
};

const escapeHtml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

const pageOf = (text: string): string => `<!doctype html><style>
  body { margin: 0; display: grid; grid-template-columns: 1fr 640px; height: 100vh; font: 17px/1.5 sans-serif }
  header { grid-column: 1 / 3; background: #24476b; color: #fff; padding: 14px 24px; font-size: 22px }
  #page { overflow: hidden; background: #fff; padding: 24px }
  #field { background: #1d1f21; color: #c5e4b0; padding: 24px; overflow: hidden }
  pre { white-space: pre-wrap; font: 15px/1.45 monospace; margin: 0 }
</style><header>Repository · src · transcoder</header>
<div id="page"><pre>${escapeHtml(text)}</pre></div><pre id="field"></pre>`;
