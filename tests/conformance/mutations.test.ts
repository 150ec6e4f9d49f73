import { beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mutableMedia } from "../fixtures/mutation-media.ts";
import { findingsIn, readFolder } from "./checker/check-presentation.ts";
import { convertToFolder } from "./convert.ts";
import { mutations } from "./mutations/all-mutations.ts";
import { Draft } from "./mutations/draft.ts";

let whole: ReadonlyMap<string, Uint8Array> = new Map();

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-mutations-"));
  await convertToFolder(await mutableMedia(), folder);
  whole = await readFolder(folder);
  await rm(folder, { recursive: true });
}, 180_000);

test("there is nothing to find before anything is damaged", () => {
  expect(findingsIn(whole)).toEqual([]);
});

test("there are enough defects, and half of them are in bytes of segments", () => {
  const all = mutations.flatMap((group) => group.all);
  const inBytes = mutations.filter((group) => group.inBytes).flatMap((group) => group.all);
  expect(all.length).toBeGreaterThanOrEqual(60);
  expect(inBytes.length).toBeGreaterThanOrEqual(all.length / 2);
  const names = mutations.flatMap(({ place, all: group }) =>
    group.map(({ name }) => `${place}: ${name}`),
  );
  expect(new Set(names).size).toBe(names.length);
});

for (const { place, all } of mutations) {
  describe(`a defect of ${place}`, () => {
    test.each(all.map((mutation) => [mutation.name, mutation.rule, mutation.damage] as const))(
      "%s: %s finds it",
      (_, rule, damage) => {
        const draft = new Draft(whole);
        damage(draft);
        const found = findingsIn(draft.files);
        expect([...new Set(found.map((finding) => finding.rule))]).toContain(rule);
      },
    );
  });
}
