import { hkdfSync, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What a key is for; a signature made for one purpose is worthless for any other. */
export type KeyPurpose =
  | "access-token"
  | "refresh-token"
  | "upload-url"
  | "media-url"
  | "job-token"
  | "code"
  | "cognito-tokens"
  | "challenge"
  | "cursor";

export type Keys = (purpose: KeyPurpose) => Uint8Array<ArrayBuffer>;

const KEY_BYTES = 32;

/** One 256-bit key per purpose by HKDF-SHA256 (RFC 5869). */
export const deriveKeys =
  (secret: string): Keys =>
  (purpose) =>
    new Uint8Array(hkdfSync("sha256", secret, "sluice", purpose, KEY_BYTES));

/** The secret kept in the data folder (mode 0600), made at the first start. */
export const secretInDataFolder = async (folder: string): Promise<string> => {
  const path = join(folder, "secret");
  try {
    await writeFile(path, `${randomBytes(KEY_BYTES).toString("hex")}\n`, {
      mode: 0o600,
      flag: "wx",
      flush: true,
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") {
      throw cause;
    }
  }
  return (await readFile(path, "utf8")).trim();
};
