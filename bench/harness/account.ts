import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Calls the API with JSON in and out. @throws Error with the answer when it is not a success */
export const call = async <T>(
  url: string,
  method: string,
  { body, token }: { body?: unknown; token?: string } = {},
): Promise<T> => {
  const response = await fetch(url, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
};

/** Signs up, confirms with the code from the data folder and logs in; returns an access token. */
export const makeAccount = async (apiUrl: string, dataDir: string): Promise<string> => {
  const email = "bench@example.org";
  const password = `bench ${crypto.randomUUID()}`;
  await call(`${apiUrl}/auth/signup`, "POST", { body: { email, name: "Bench", password } });
  const code = await codeFromMail(join(dataDir, "mail"));
  await call(`${apiUrl}/auth/confirm-signup`, "POST", { body: { email, code } });
  const { accessToken } = await call<{ accessToken: string }>(`${apiUrl}/auth/login`, "POST", {
    body: { email, password },
  });
  return accessToken;
};

/** The mail is written after the answer, so that its time tells nothing about the account. */
const codeFromMail = async (folder: string): Promise<string> => {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    for (const name of await readdir(folder).catch(() => [])) {
      const code = /\b\d{6}\b/.exec(await Bun.file(join(folder, name)).text())?.[0];
      if (code !== undefined) return code;
    }
    await Bun.sleep(20);
  }
  throw new Error(`no mail with a code in ${folder}`);
};
