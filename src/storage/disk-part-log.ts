import { constants } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { unlessMissing } from "./disk-errors.ts";

/** One part that lies whole and durable in the data file. */
export type PartRecord = {
  readonly partNumber: number;
  readonly offset: number;
  readonly sizeBytes: number;
  /** CRC-32 of its bytes: tells a part that is sent again from one that has changed. */
  readonly crc32: number;
};

/**
 * The parts received, by number; a later line about a part replaces an earlier one. Lines that a
 * crash tore are passed over: their part was never acknowledged. null when there is no such log.
 */
export const readPartLog = async (path: string): Promise<Map<number, PartRecord> | null> => {
  const text = await unlessMissing(() => readFile(path, "utf8"));
  if (text === null) {
    return null;
  }
  const records = text.split("\n").flatMap((line) => parseLine(line) ?? []);
  return new Map(records.map((record) => [record.partNumber, record]));
};

const parseLine = (line: string): PartRecord | null => {
  const fields = /^(\d+) (\d+) (\d+) (\d+) \.$/.exec(line)?.slice(1).map(Number);
  if (!fields) {
    return null;
  }
  const [partNumber = 0, offset = 0, sizeBytes = 0, crc32 = 0] = fields;
  return { partNumber, offset, sizeBytes, crc32 };
};

/** Makes no new file: after an abort the log is gone, and must not come back. */
const APPEND_TO_EXISTING = constants.O_WRONLY | constants.O_APPEND;

/**
 * Adds a part durably. The line begins with a line break, so that it stands by itself also after
 * a torn one, and ends with a full stop, so that half a number is never taken for a whole one.
 */
export const appendPartRecord = async (path: string, record: PartRecord): Promise<void> => {
  const { partNumber, offset, sizeBytes, crc32 } = record;
  const file = await open(path, APPEND_TO_EXISTING);
  try {
    await file.write(`\n${partNumber} ${offset} ${sizeBytes} ${crc32} .`);
    await file.datasync();
  } finally {
    await file.close();
  }
};
