/** What a run leaves in the tests' store, so that it stays below some 3 GB however often sources change. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { store, tryEngine } from "./engine.ts";

/** The build stage of the newest build: by this name its layers outlive the run. */
export const CACHE = "localhost/sluice-build-cache:newest";

const runs = join(store, "runs");

/** Says that this process builds in the store; another run's end then removes nothing. */
export const useStore = (): void => {
  mkdirSync(runs, { recursive: true });
  writeFileSync(join(runs, String(process.pid)), "");
};

/**
 * Removes all but the bases and the newest build's layers, also what runs left that were killed.
 * While another run goes on, nothing: unnamed images may be layers that it is about to use.
 */
export const pruneStore = async (): Promise<void> => {
  rmSync(join(runs, String(process.pid)), { force: true });
  if (anotherRun()) {
    return;
  }
  await tryEngine("podman", ["rm", "--all", "--force"]);
  await tryEngine("buildah", ["rm", "--all"]);
  await tryEngine("podman", ["volume", "prune", "--force"]);
  const { stdout } = await tryEngine("podman", ["images", "--format", "{{.Repository}}:{{.Tag}}"]);
  const named = stdout.split("\n").filter((name) => /^localhost\/sluice-/.test(name));
  for (const name of named.filter((name) => name !== CACHE)) {
    await tryEngine("buildah", ["rmi", "--force", name]);
  }
  await tryEngine("podman", ["image", "prune", "--force"]);
};

const anotherRun = (): boolean => {
  mkdirSync(runs, { recursive: true });
  return readdirSync(runs).some((pid) => {
    try {
      process.kill(Number(pid), 0);
      return true;
    } catch {
      // Killed before its end.
      rmSync(join(runs, pid), { force: true });
      return false;
    }
  });
};
