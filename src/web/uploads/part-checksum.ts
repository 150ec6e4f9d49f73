import { ApiError } from "../api/problem.ts";
import { crc32 } from "./crc32.ts";

/**
 * Checksum of one part, as the api wants it: base64 of the CRC-32's four bytes, the highest first.
 * Reads the part once in small pieces, so that it takes no memory and stalls nothing.
 * @throws ApiError `file_unreadable` when the file was changed or removed meanwhile
 */
export const partChecksum = async (part: Blob): Promise<string> => {
  let sum = 0;
  try {
    const reader = part.stream().getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      sum = crc32(next.value, sum);
    }
  } catch (cause) {
    throw new ApiError(
      "file_unreadable",
      0,
      "This file cannot be read any more: it was changed, moved or removed. Choose it again.",
      { cause },
    );
  }
  const bytes = [sum >>> 24, (sum >>> 16) & 255, (sum >>> 8) & 255, sum & 255];
  return btoa(String.fromCharCode(...bytes));
};
