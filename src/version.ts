import manifest from "../package.json" with { type: "json" };

/** The commit is put in by `scripts/build.ts`; a run from source says so. */
declare const SLUICE_COMMIT: string | undefined;

export const version: string = manifest.version;
export const commit: string = typeof SLUICE_COMMIT === "string" ? SLUICE_COMMIT : "source";
