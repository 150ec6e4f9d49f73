import { SluiceError } from "../errors.ts";
import { containerName } from "./ffmpeg/container-name.ts";
import { readAt, type Source } from "./source.ts";

/** Boxes that are looked at before the search for `moov` gives up; real files have fewer than ten at the top. */
const MAX_TOP_LEVEL_BOXES = 1000;

/** Enough of a file's start for every container that FFmpeg knows. */
const START_BYTES = 65_536;

/**
 * Finds a better reason than "cannot be read" for a file that libavformat did not open: an MP4 whose
 * index is missing is a truncated upload, which a person can mend.
 */
export const diagnoseUnreadable = async (
  source: Source,
  error: SluiceError,
): Promise<SluiceError> => {
  if (error.code === "source_unsupported_container") return named(source, error);
  const isMp4 = Buffer.from(await readAt(source, 4, 4)).toString("latin1") === "ftyp";
  if (!isMp4 || error.code !== "source_not_media") return error;
  return (await hasMovieBox(source))
    ? error
    : new SluiceError("source_truncated", { cause: error.cause });
};

const named = async (source: Source, error: SluiceError): Promise<SluiceError> => {
  const name = containerName(await readAt(source, 0, START_BYTES));
  if (name === null) return error;
  const message = `This kind of file (${name}) is not supported; use MP4, MOV, MKV or WebM.`;
  return new SluiceError(error.code, { message, cause: error.cause });
};

/** Whether a complete `moov` box stands at the top level (ISO/IEC 14496-12, 8.2.1). */
const hasMovieBox = async (source: Source): Promise<boolean> => {
  let offset = 0;
  for (let count = 0; count < MAX_TOP_LEVEL_BOXES && offset < source.sizeBytes; count += 1) {
    const header = Buffer.from(await readAt(source, offset, 16));
    if (header.length < 8) return false;
    const compact = header.readUInt32BE(0);
    const size =
      compact === 1 && header.length === 16 ? Number(header.readBigUInt64BE(8)) : compact;
    if (header.toString("latin1", 4, 8) === "moov") return offset + size <= source.sizeBytes;
    if (size < 8) return false;
    offset += size;
  }
  return false;
};
