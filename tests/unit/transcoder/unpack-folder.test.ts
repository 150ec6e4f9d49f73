import { expect, test } from "bun:test";
import { chmod, mkdtemp, rm, stat, symlink } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { unpackFolder } from "../../../src/transcoder/unpack-folder.ts";

test("the native part is unpacked into a folder that nobody else can put a library into", async () => {
  const base = await mkdtemp(join(tmpdir(), "sluice-unpack-"));
  const path = unpackFolder(base);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  expect(unpackFolder(base)).toBe(path);
  await chmod(path, 0o777);
  expect(() => unpackFolder(base)).toThrow("BUN_TMPDIR");
  await rm(path, { recursive: true });
  await symlink("/tmp", join(base, `sluice-${userInfo().uid}`));
  expect(() => unpackFolder(base)).toThrow("BUN_TMPDIR");
  await rm(base, { recursive: true });
});
