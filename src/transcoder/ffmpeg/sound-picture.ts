import { AV_PIX_FMT_RGB24 } from "node-av/constants";
import { Frame } from "node-av/lib";
import { check, present } from "./check.ts";
import { encodePoster } from "./poster.ts";

const SIZE = { width: 1280, height: 720 } as const;

/** One bar of the picture with the gap after it, and the bar by itself, in pixels. */
const BAR = { pitch: 10, width: 6 } as const;

/** Empty pixels at the left and the right. */
const MARGIN = 80;

/** Part of the height that a sample of full scale takes. */
const TALLEST = 0.7;

/** Bars that fit; a picture of the sound is drawn from this many columns. */
export const SOUND_PICTURE_COLUMNS = Math.floor((SIZE.width - 2 * MARGIN) / BAR.pitch);

/** The page's own dark background and accent colour. */
const BACKGROUND = [0x14, 0x15, 0x1d] as const;
const FOREGROUND = [0x82, 0x86, 0xff] as const;

/** A JPEG of bars around a middle line, the picture that stands for sound; heights from 0 to 1. */
export const drawSound = async (columns: readonly number[]): Promise<Uint8Array> => {
  const frame = new Frame();
  frame.alloc();
  try {
    // The binding's `fromVideoBuffer` keeps no hold on the buffer it is given: draw into FFmpeg's own.
    frame.format = AV_PIX_FMT_RGB24;
    frame.width = SIZE.width;
    frame.height = SIZE.height;
    check(frame.getBuffer(0), "allocating a picture");
    const [pixels] = frame.data ?? [];
    const [stride] = frame.linesize;
    draw(columns, present(pixels, "the picture's pixels"), present(stride, "the picture's lines"));
    return await encodePoster(frame);
  } finally {
    frame.free();
  }
};

const draw = (columns: readonly number[], pixels: Uint8Array, stride: number): void => {
  const { width, height } = SIZE;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) pixels.set(BACKGROUND, y * stride + x * 3);
  }
  columns.forEach((level, index) => {
    // The square root shows quiet passages, which would be a line otherwise.
    const half = Math.max(BAR.width / 2, (Math.sqrt(level) * TALLEST * height) / 2);
    const left = MARGIN + index * BAR.pitch;
    for (let y = Math.round(height / 2 - half); y < Math.round(height / 2 + half); y += 1) {
      for (let x = left; x < left + BAR.width; x += 1) pixels.set(FOREGROUND, y * stride + x * 3);
    }
  });
};
