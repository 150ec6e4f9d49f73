import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { ByteRange } from "./index.ts";
import { fromS3, unlessMissing } from "./s3-errors.ts";

/** Times a stream that broke is taken up again at the byte where it broke; the SDK retries only up to the first. */
const RESUMES = 3;

type Place = { readonly Bucket: string; readonly Key: string };
type Chunks = { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> } & {
  cancel(): Promise<void>;
};

/**
 * Streams an object or a range of it. The next chunk is asked for when the last one was taken, and
 * the socket is read no faster, so a stream holds about a socket's buffer. A connection that breaks
 * on the way is opened again for the rest, of the same version of the object.
 * @returns null when there is no such object
 */
export const readObject = async (
  client: S3Client,
  place: Place,
  range: ByteRange | undefined,
): Promise<ReadableStream<Uint8Array> | null> => {
  const first = await unlessMissing(() => openAt(client, place, range, undefined));
  if (first === null) {
    return null;
  }
  const { etag } = first;
  let { chunks } = first;
  let position = range?.start ?? 0;
  const end = position + first.lengthBytes - 1;
  let resumes = 0;
  const next = async (): Promise<Uint8Array | null> => {
    for (;;) {
      try {
        const { done, value } = await chunks.read();
        if (!done && value !== undefined) {
          return value;
        }
        if (position > end) {
          return null;
        }
        throw new Error(`the store ended ${end + 1 - position} bytes early`);
      } catch (thrown) {
        if (resumes === RESUMES) {
          throw fromS3(thrown);
        }
        resumes += 1;
        ({ chunks } = await openAt(client, place, { start: position, end }, etag).catch((cause) => {
          throw fromS3(cause);
        }));
      }
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const bytes = await next();
        if (bytes === null) {
          controller.close();
          return;
        }
        position += bytes.byteLength;
        controller.enqueue(bytes);
      },
      cancel: () => chunks.cancel(),
    },
    { highWaterMark: 0 },
  );
};

const openAt = async (
  client: S3Client,
  place: Place,
  range: ByteRange | undefined,
  etag: string | undefined,
): Promise<{ chunks: Chunks; lengthBytes: number; etag: string | undefined }> => {
  const answer = await client.send(
    new GetObjectCommand({
      ...place,
      ...(range && { Range: `bytes=${range.start}-${range.end}` }),
      ...(etag !== undefined && { IfMatch: etag }),
    }),
  );
  const stream = answer.Body?.transformToWebStream() ?? new Blob([]).stream();
  const reader = stream.getReader();
  const chunks = { read: () => reader.read(), cancel: () => reader.cancel() };
  return { chunks, lengthBytes: answer.ContentLength ?? 0, etag: answer.ETag };
};
