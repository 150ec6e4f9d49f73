import initial from "./migrations/0000_initial.sql" with { type: "text" };
import attemptRelease from "./migrations/0001_attempt-release.sql" with { type: "text" };
import codesByAddress from "./migrations/0002_codes-by-address.sql" with { type: "text" };
import tracks from "./migrations/0003_tracks.sql" with { type: "text" };
import soundOfVideos from "./migrations/0004_sound-of-videos.sql" with { type: "text" };
import cognito from "./migrations/0005_cognito.sql" with { type: "text" };
import journal from "./migrations/meta/_journal.json" with { type: "json" };

/** SQL by journal tag. A new migration gets a line here; a unit test fails while one is missing. */
const sqlByTag: Record<string, string> = {
  "0000_initial": initial,
  "0001_attempt-release": attemptRelease,
  "0002_codes-by-address": codesByAddress,
  "0003_tracks": tracks,
  "0004_sound-of-videos": soundOfVideos,
  "0005_cognito": cognito,
};

/** One migration in the form that Drizzle's migrator applies. */
export type Migration = {
  readonly sql: string[];
  /** Drizzle's "breakpoints" flag. */
  readonly bps: boolean;
  /** When it was generated: the order, and what the database remembers as applied. */
  readonly folderMillis: number;
  readonly hash: string;
};

/**
 * The migrations as they are embedded in the executables, oldest first.
 * @throws Error when the journal names a migration that has no line above
 */
export const embeddedMigrations = (): Migration[] =>
  journal.entries.map((entry) => {
    const text = sqlByTag[entry.tag];
    if (text === undefined) {
      throw new Error(`Migration ${entry.tag} is not listed in src/db/migrations.ts.`);
    }
    return {
      sql: text.split("--> statement-breakpoint"),
      bps: entry.breakpoints,
      folderMillis: entry.when,
      hash: new Bun.CryptoHasher("sha256").update(text).digest("hex"),
    };
  });
