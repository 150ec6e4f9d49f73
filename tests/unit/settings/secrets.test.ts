import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withSecretFiles } from "../../../src/settings/secrets.ts";

const files: Readonly<Record<string, string>> = {
  "/run/secrets/sluice": "0123456789abcdef0123456789abcdef\n",
  "/run/secrets/database": "postgres://sluice:hidden@db/sluice\r\n",
};
const read = (path: string): string => {
  const text = files[path];
  if (text === undefined) {
    throw new Error("no such file");
  }
  return text;
};

test("secrets come from the files that are named, without the line's end", () => {
  const environment = withSecretFiles(
    {
      SLUICE_SECRET_FILE: "/run/secrets/sluice",
      DATABASE_URL_FILE: "/run/secrets/database",
      PORT: "3000",
    },
    read,
  );
  expect(environment).toMatchObject({
    SLUICE_SECRET: "0123456789abcdef0123456789abcdef",
    DATABASE_URL: "postgres://sluice:hidden@db/sluice",
    PORT: "3000",
  });
});

test("what is set itself wins, and no other setting is read from a file", () => {
  const environment = withSecretFiles(
    { SLUICE_SECRET: "set", SLUICE_SECRET_FILE: "/nowhere", PORT_FILE: "/run/secrets/sluice" },
    read,
  );
  expect(environment.SLUICE_SECRET).toBe("set");
  expect(environment.PORT).toBeUndefined();
});

test("a file that cannot be read is named with its setting", () => {
  expect(() => withSecretFiles({ SMTP_URL_FILE: "/run/secrets/mail" }, read)).toThrow(
    "SMTP_URL_FILE: /run/secrets/mail",
  );
});

test("files are read from the disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-secret-"));
  try {
    const path = join(folder, "secret");
    writeFileSync(path, "from the disk\n");
    expect(withSecretFiles({ SLUICE_SECRET_FILE: path }).SLUICE_SECRET).toBe("from the disk");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
