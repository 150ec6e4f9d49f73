import { CompactEncrypt, compactDecrypt } from "jose";

/** Encrypts JSON under one key of ours (JWE, direct AES-256-GCM): unreadable, and unchangeable, elsewhere. */
export type Sealing = {
  seal(value: unknown): Promise<string>;
  /** Null for anything that was not sealed with this key. */
  open(sealed: string): Promise<unknown>;
};

const HEADER = { alg: "dir", enc: "A256GCM" } as const;

export const createSealing = (key: Uint8Array): Sealing => ({
  seal: (value) =>
    new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
      .setProtectedHeader(HEADER)
      .encrypt(key),
  open: async (sealed) => {
    try {
      const { plaintext } = await compactDecrypt(sealed, key, {
        keyManagementAlgorithms: [HEADER.alg],
        contentEncryptionAlgorithms: [HEADER.enc],
      });
      return JSON.parse(new TextDecoder().decode(plaintext));
    } catch {
      return null;
    }
  },
});
