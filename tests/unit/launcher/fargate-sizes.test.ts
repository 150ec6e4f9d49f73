import { expect, test } from "bun:test";
import fc from "fast-check";
import { FARGATE_SIZES, isFargateSize, taskSizeFor } from "../../../src/launcher/fargate-sizes.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

test.each([
  [256, 512, true],
  [256, 1_536, false],
  [256, 2_048, true],
  [1_024, 1_024, false],
  [1_024, 2_048, true],
  [1_024, 9_216, false],
  [4_096, 30_720, true],
  [8_192, 17_408, false],
  [8_192, 20_480, true],
  [16_384, 122_880, true],
  [3_000, 8_192, false],
])("a task of %i CPU units and %i MiB exists: %p", (cpu, memoryMib, exists) => {
  expect(isFargateSize({ cpu, memoryMib })).toBe(exists);
});

test("whatever the source and however often it failed, Fargate has such a task", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 6e12, noNaN: true }), fc.nat(9), (bytes, failed) => {
      const size = taskSizeFor(bytes, failed);
      expect(isFargateSize(size)).toBe(true);
      const { storageGib } = size;
      expect(storageGib === null || (storageGib >= 21 && storageGib <= 200)).toBe(true);
    }),
  );
  expect(
    FARGATE_SIZES.every(({ cpu, leastMib }) => isFargateSize({ cpu, memoryMib: leastMib })),
  ).toBe(true);
});

test.each([
  [10 * MIB, 0, { cpu: 1_024, memoryMib: 2_048, storageGib: null }],
  [10 * MIB, 1, { cpu: 2_048, memoryMib: 4_096, storageGib: null }],
  [1 * GIB, 0, { cpu: 2_048, memoryMib: 4_096, storageGib: null }],
  [20 * GIB, 0, { cpu: 4_096, memoryMib: 8_192, storageGib: null }],
  [20 * GIB, 1, { cpu: 4_096, memoryMib: 16_384, storageGib: null }],
  [20 * GIB, 7, { cpu: 4_096, memoryMib: 16_384, storageGib: null }],
  [185 * GIB, 0, { cpu: 4_096, memoryMib: 8_192, storageGib: 21 }],
  [5_000 * GIB, 0, { cpu: 4_096, memoryMib: 8_192, storageGib: 200 }],
])("%i bytes after %i failed attempts", (bytes, failed, size) => {
  expect(taskSizeFor(bytes, failed)).toEqual(size);
});
