import { resolve } from "node:path";

const entry = resolve(import.meta.dir, "../../src/transcoder/index.ts");

/** Runs the transcoder as a process, as a person would; throws what it said when it fails. */
export const convertToFolder = async (source: string, folder: string): Promise<void> => {
  const child = Bun.spawn(
    [process.execPath, entry, source, "--out", folder, "--overwrite", "--quiet"],
    {
      stdout: "ignore",
      stderr: "pipe",
    },
  );
  const [said, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (code !== 0) throw new Error(`The transcoder ended with ${code}: ${said}`);
};
