/**
 * How large a task is made for a source. Pure.
 */

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/**
 * What Fargate offers for Linux (Amazon ECS Developer Guide, "Task CPU and memory"): CPU units
 * (1024 are one vCPU) with the least and the most memory and the steps between, in MiB.
 */
export const FARGATE_SIZES = [
  // With a quarter of a vCPU the second step is 2 GiB and there is no 1.5: listed by `isFargateSize`.
  { cpu: 256, leastMib: 512, mostMib: 2_048, stepMib: 512 },
  { cpu: 512, leastMib: 1_024, mostMib: 4_096, stepMib: 1_024 },
  { cpu: 1_024, leastMib: 2_048, mostMib: 8_192, stepMib: 1_024 },
  { cpu: 2_048, leastMib: 4_096, mostMib: 16_384, stepMib: 1_024 },
  { cpu: 4_096, leastMib: 8_192, mostMib: 30_720, stepMib: 1_024 },
  { cpu: 8_192, leastMib: 16_384, mostMib: 61_440, stepMib: 4_096 },
  { cpu: 16_384, leastMib: 32_768, mostMib: 122_880, stepMib: 8_192 },
] as const;

/** Whether Fargate has a task of that CPU and memory. */
export const isFargateSize = ({ cpu, memoryMib }: { cpu: number; memoryMib: number }): boolean => {
  const size = FARGATE_SIZES.find((candidate) => candidate.cpu === cpu);
  if (size === undefined || (cpu === 256 && memoryMib === 1_536)) {
    return false;
  }
  const aboveLeast = memoryMib - size.leastMib;
  return aboveLeast >= 0 && memoryMib <= size.mostMib && aboveLeast % size.stepMib === 0;
};

/** Storage that every Fargate task has (Amazon ECS Developer Guide, "Fargate task ephemeral storage"), in GiB. */
const INCLUDED_STORAGE_GIB = 20;
/** What can be asked for instead, same page. */
const STORAGE_GIB = { least: 21, most: 200 } as const;
/** The image with its layers unpacked, and the addon that the executable unpacks once. */
const IMAGE_GIB = 2;
/**
 * Sources are read in ranges and segments are streamed out, so next to nothing lies on the task's disk
 * and nothing grows with the source. The tenth part is a margin for what may be kept there one day.
 */
const STORAGE_PER_SOURCE = 0.1;

/** A task's size, as RunTask's overrides have it. */
export type TaskSize = {
  /** CPU units. */
  readonly cpu: number;
  readonly memoryMib: number;
  /** Null for what is included. */
  readonly storageGib: number | null;
};

/**
 * By the size of the source, because that is all that is known before somebody opened it. Encoders
 * have one thread per rendition and decoding one or two, so more than four vCPUs are of no use. The
 * transcoder stays below 700 MiB; the least memory that goes with the CPU is always more.
 */
const STEPS = [
  { upToBytes: 200 * MIB, cpu: 1_024, memoryMib: 2_048 },
  { upToBytes: 2 * GIB, cpu: 2_048, memoryMib: 4_096 },
  { upToBytes: Number.POSITIVE_INFINITY, cpu: 4_096, memoryMib: 8_192 },
  // Only reached by attempts after a failed one.
  { upToBytes: Number.POSITIVE_INFINITY, cpu: 4_096, memoryMib: 16_384 },
] as const;

/** @param failedAttempts each moves the task one step up: it may have been memory that was missing */
export const taskSizeFor = (sourceBytes: number, failedAttempts: number): TaskSize => {
  const first = STEPS.findIndex(({ upToBytes }) => sourceBytes <= upToBytes);
  const step = STEPS[Math.min(first + failedAttempts, STEPS.length - 1)] ?? STEPS[0];
  const storageGib = Math.ceil(IMAGE_GIB + (sourceBytes * STORAGE_PER_SOURCE) / GIB);
  return {
    cpu: step.cpu,
    memoryMib: step.memoryMib,
    storageGib:
      storageGib <= INCLUDED_STORAGE_GIB
        ? null
        : Math.min(Math.max(storageGib, STORAGE_GIB.least), STORAGE_GIB.most),
  };
};
