import type { Platform } from "./platform.ts";

/** An answer with its body read. */
export type Answer = {
  readonly status: number;
  readonly body: Record<string, never> & AnyBody;
  readonly headers: Headers;
};
type AnyBody = Readonly<Record<string, unknown>>;

export type Client = {
  /** Sends JSON with the bearer token. */
  request(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Reads server-sent events until `onEvent` says false or the server ends. */
  follow(path: string, onEvent: (event: { name: string; data: string }) => boolean): Promise<void>;
  readonly token: string | undefined;
};

/** A client without a token. */
export const anonymous = (url: string, token?: string): Client => ({
  token,
  follow: async (path, onEvent) => {
    const abort = new AbortController();
    const answer = await fetch(url + path, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: abort.signal,
    });
    let text = "";
    for await (const chunk of (answer.body ?? new ReadableStream()).pipeThrough(
      new TextDecoderStream(),
    )) {
      text += chunk;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1];
        const data = field("data");
        if (data !== undefined && !onEvent({ name: field("event") ?? "message", data })) {
          abort.abort();
          return;
        }
      }
    }
  },
  request: async (method, path, body, headers = {}) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === "" ? {} : JSON.parse(text),
    };
  },
});

export const PASSWORD = "a long enough passphrase 7";

/** Signs up, confirms with the mailed code and logs in, as a program would. */
export const signedInClient = async (
  platform: Pick<Platform, "url" | "code">,
  email: string,
): Promise<Client> => {
  const client = anonymous(platform.url);
  const expectOk = ({ status, body }: Answer) => {
    if (status >= 300) {
      throw new Error(`${status} ${JSON.stringify(body)}`);
    }
    return body;
  };
  expectOk(
    await client.request("POST", "/auth/signup", { email, name: "Ada", password: PASSWORD }),
  );
  const code = await platform.code(email);
  expectOk(await client.request("POST", "/auth/confirm-signup", { email, code }));
  const tokens = expectOk(
    await client.request("POST", "/auth/login", { email, password: PASSWORD }),
  );
  return anonymous(platform.url, String(tokens.accessToken));
};

/** Uploads bytes part by part and completes. @returns the video's id */
export const upload = async (
  client: Client,
  file: { name: string; bytes: Uint8Array<ArrayBuffer> },
): Promise<{ videoId: string; uploadId: string }> => {
  const started = await client.request("POST", "/uploads", {
    fileName: file.name,
    sizeBytes: file.bytes.byteLength,
  });
  if (started.status !== 201) {
    throw new Error(`${started.status} ${JSON.stringify(started.body)}`);
  }
  const { upload: begun, parts } = started.body as unknown as {
    upload: { id: string; videoId: string };
    parts: SignedPart[];
  };
  for (const part of parts) {
    await sendPart(part, file.bytes);
  }
  const completed = await client.request("POST", `/uploads/${begun.id}/complete`);
  if (completed.status !== 200) {
    throw new Error(`${completed.status} ${JSON.stringify(completed.body)}`);
  }
  return { videoId: begun.videoId, uploadId: begun.id };
};

export type SignedPart = {
  readonly partNumber: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
};

export const sendPart = async (
  part: SignedPart,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Response> =>
  await fetch(part.url, {
    method: part.method,
    headers: part.headers,
    body: bytes.slice(part.offset, part.offset + part.sizeBytes),
  });
