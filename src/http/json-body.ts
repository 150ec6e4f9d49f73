import { SluiceError } from "../errors.ts";

/** The longest honest body, a hundred part numbers or a transcoder's result, has less than a tenth of it. */
const MAX_JSON_BYTES = 64 * 1024;

/**
 * Refuses a body by its declared length, before any of it is taken in.
 * @throws SluiceError `body_too_large`
 */
export const refuseLongBody = (request: Request): void => {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > MAX_JSON_BYTES) {
    throw new SluiceError("body_too_large", { details: { maxBytes: MAX_JSON_BYTES } });
  }
};

/**
 * Body parser of the JSON routes; no body counts as an empty object. Forms are refused: another site
 * can make a browser post one, but not JSON without asking us first, and could so sign people in to
 * an account of its own ("login CSRF").
 * @throws SluiceError `malformed_body`, `body_too_large`
 */
const readJsonBody = async ({ request }: { request: Request }): Promise<unknown> => {
  const type = request.headers.get("content-type");
  if (type !== null && !/^application\/json\s*(;|$)/i.test(type)) {
    throw new SluiceError("malformed_body", { message: "Send the body as application/json." });
  }
  const text = await readText(request);
  if (text === "") {
    return {};
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SluiceError("malformed_body", { cause });
  }
};

/** For `guard`. Elysia's own parser is never reached; its name tells the OpenAPI generator what the bodies are. */
export const jsonBodies: { parse: [typeof readJsonBody, "json"] } = {
  parse: [readJsonBody, "json"],
};

/** A body without a declared length is counted as it comes. */
const readText = async (request: Request): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let received = 0;
  for await (const chunk of request.body ?? []) {
    received += chunk.byteLength;
    if (received > MAX_JSON_BYTES) {
      throw new SluiceError("body_too_large", { details: { maxBytes: MAX_JSON_BYTES } });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
};
