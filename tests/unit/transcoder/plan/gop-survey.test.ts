import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GopSurvey, type SurveyedPicture } from "../../../../src/transcoder/plan/gop-survey.ts";

const RATE = 25;

/** Pictures of GOPs of these lengths in decoding order, each B picture behind the one that follows it. */
const pictures = (gops: readonly number[]): SurveyedPicture[] => {
  let start = 0;
  return gops.flatMap((length) => {
    const ticks = Array.from({ length }, (_, index) => start + index);
    for (let index = 1; index + 1 < length; index += 2) {
      const [shown = 0, next = 0] = ticks.slice(index, index + 2);
      ticks.splice(index, 2, next, shown);
    }
    const first = start;
    start += length;
    return ticks.map((tick) => ({
      ...{ isIdr: tick === first, position: tick, length: 1, sizeBytes: 10 },
    }));
  });
};

const survey = (list: readonly SurveyedPicture[], clock = 0) => {
  const gops = new GopSurvey({ rate: RATE, clock });
  for (const picture of list) {
    const obstacle = gops.add(picture);
    if (obstacle !== null) return obstacle;
  }
  return gops.end();
};

const changed = (index: number, change: Partial<SurveyedPicture>) =>
  pictures([50, 50]).map((picture, at) => (at === index ? { ...picture, ...change } : picture));

describe("a survey of a source's pictures", () => {
  test("finds the IDR pictures and the bytes between them", () => {
    expect(survey(pictures([25, 100, 40]))).toEqual({
      keys: [0, 25, 125],
      keyBytes: [250, 1000, 400],
      pictures: 165,
      reordered: 1,
      endsInOrder: true,
    });
  });

  test("any closed GOPs of 1 to 4 s pass, whatever the last one's length", () => {
    const gop = fc.integer({ min: RATE, max: 4 * RATE });
    const last = fc.integer({ min: 1, max: 4 * RATE });
    fc.assert(
      fc.property(fc.array(gop, { maxLength: 8 }), last, (gops, end) => {
        expect(survey(pictures([...gops, end]))).toMatchObject({
          pictures: gops.reduce((sum, length) => sum + length, end),
        });
      }),
    );
  });

  test("a gap of a picture less than 1 s, or a picture more than 4 s, does not", () => {
    expect(survey(pictures([24, 50]))).toBe("gap");
    expect(survey(pictures([50, 101, 50]))).toBe("gap");
    expect(survey(pictures([50, 101]))).toBe("gap");
  });

  test("at 29.97 pictures a second 120 of them are longer than 4 s", () => {
    const ntsc = new GopSurvey({ rate: 30_000 / 1001, clock: 0 });
    const obstacles = pictures([120]).map((picture) => ntsc.add(picture));
    expect(obstacles.at(-1)).toBe("gap");
  });

  test("something before the first IDR picture, or a late start", () => {
    expect(survey(pictures([50]).slice(1))).toBe("start");
    expect(survey(pictures([50]).map((each) => ({ ...each, position: each.position + 1 })))).toBe(
      "start",
    );
    expect(survey([])).toBe("start");
  });

  test("a picture that is missing, doubled, off the grid or stays too long", () => {
    expect(survey(pictures([50, 50]).filter((_, index) => index !== 20))).toBe("rate");
    expect(survey(pictures([50, 50]).filter((_, index) => index !== 49))).toBe("rate");
    expect(survey(changed(20, { position: 21 }))).toBe("rate");
    expect(survey(changed(20, { position: 19.3 }))).toBe("rate");
    expect(survey(changed(99, { length: 3 }))).toBe("rate");
  });

  test("a coarse clock may round, a steady shift is none", () => {
    const rounded = pictures([50, 50]).map((each) => ({
      ...each,
      position: Math.round((each.position * 1000) / 30) * 0.03,
    }));
    expect(survey(rounded, 0.03)).toMatchObject({ pictures: 100 });
    expect(survey(rounded, 0.001)).toBe("rate");
    const shifted = pictures([50]).map((each) => ({ ...each, position: each.position + 0.3 }));
    expect(survey(shifted)).toMatchObject({ pictures: 50 });
  });

  test("a picture that is shown before the IDR picture it follows", () => {
    const leading = pictures([50, 50]);
    const [key, ahead] = [leading[49], leading[50]];
    if (key === undefined || ahead === undefined) throw new Error("two GOPs");
    leading.splice(
      49,
      2,
      { ...key, isIdr: true, position: 50 },
      { ...ahead, isIdr: false, position: 49 },
    );
    expect(survey(leading)).toBe("rate");
    expect(survey(changed(51, { position: 48 }))).toBe("order");
  });
});
