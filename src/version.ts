import manifest from "../package.json" with { type: "json" };

/** The commit is put in by `scripts/build.ts`; a run from source says so. */
declare const SLUICE_COMMIT: string | undefined;

export const version: string = manifest.version;
export const commit: string = typeof SLUICE_COMMIT === "string" ? SLUICE_COMMIT : "source";

/** Set by `scripts/build.ts --image`. */
declare const SLUICE_FOR_IMAGE: boolean | undefined;

/**
 * Whether this executable was built for a container image: the transcoder's native part is a file
 * beside it instead of inside, and the api has no embedded database.
 */
export const builtForImage: boolean =
  typeof SLUICE_FOR_IMAGE === "boolean" ? SLUICE_FOR_IMAGE : false;
