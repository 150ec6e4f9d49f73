/**
 * The one schema of all three executables. Times are `timestamptz`, sizes are bytes, ids are
 * UUIDv7 (made by the application, so they sort by creation time and work on every PostgreSQL).
 * Drizzle Kit turns changes here into `migrations/`: `bun run db:generate -- --name what-changed`.
 */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { textKinds } from "../presentation/presentation.ts";
import type {
  RenditionSummary,
  SoundSummary,
  SourceWarning,
  TextSummary,
} from "../videos/job-message.ts";

/** `uploading → queued → processing → ready | failed`, and `deleted` from anywhere; see `src/videos/video.ts`. */
export const videoStatuses = [
  "uploading",
  "queued",
  "processing",
  "ready",
  "failed",
  "deleted",
] as const;
/** `pending → launched → running → succeeded | failed | cancelled`; a retry takes `failed` back to `pending`. */
export const jobStatuses = [
  "pending",
  "launched",
  "running",
  "succeeded",
  "failed",
  "cancelled",
] as const;
export const attemptStatuses = ["launched", "running", "succeeded", "failed", "cancelled"] as const;
export const uploadStatuses = ["open", "completed", "cancelled", "expired"] as const;
/** `unlisted` plays for whoever knows the address; `public` also appears in public lists. */
export const visibilities = ["private", "unlisted", "public"] as const;
export const userRoles = ["admin", "user"] as const;
export const codePurposes = ["confirm_sign_up", "reset_password"] as const;
export const sessionEndReasons = [
  "logout",
  "logout_everywhere",
  "password_changed",
  "token_reused",
  "ended_by_user",
  /** Cognito took back its refresh token, or the account is gone there. */
  "ended_by_cognito",
] as const;

export type VideoStatus = (typeof videoStatuses)[number];
export type JobStatus = (typeof jobStatuses)[number];
export type AttemptStatus = (typeof attemptStatuses)[number];
export type UploadStatus = (typeof uploadStatuses)[number];
export type Visibility = (typeof visibilities)[number];
export type UserRole = (typeof userRoles)[number];
export type CodePurpose = (typeof codePurposes)[number];
export type SessionEndReason = (typeof sessionEndReasons)[number];

const id = () =>
  uuid("id")
    .primaryKey()
    .$defaultFn(() => Bun.randomUUIDv7());
const time = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
const createdAt = () => time("created_at").notNull().defaultNow();
const bytes = (name: string) => bigint(name, { mode: "number" });

export const users = pgTable("users", {
  id: id(),
  /** Lower-cased and trimmed before it gets here; unique as stored. */
  email: text("email").notNull().unique(),
  name: text("name").notNull(),
  /** Subject of the Cognito user; null for a local account. */
  cognitoSub: text("cognito_sub").unique(),
  role: text("role", { enum: userRoles }).notNull().default("user"),
  /** The password may be a stranger's: nobody signs in until it was reset by mail. Cognito alone. */
  mustResetPassword: boolean("must_reset_password").notNull().default(false),
  /** When it was last reset by mail: logins begun before get no session. Cognito alone. */
  passwordResetAt: time("password_reset_at"),
  /** Null until the e-mail address was proven. */
  confirmedAt: time("confirmed_at"),
  createdAt: createdAt(),
});

/** Local accounts only: Cognito keeps its own. */
export const passwords = pgTable("passwords", {
  userId: uuid("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  /** PHC string, argon2id. */
  hash: text("hash").notNull(),
  changedAt: time("changed_at").notNull().defaultNow(),
});

/** A sign-up that waits for its code. */
export type PendingSignUp = {
  readonly name: string;
  /** PHC string, argon2id. */
  readonly passwordHash: string;
  readonly invitationId: string | null;
};

/**
 * Six-digit codes sent by mail. They belong to an address and not to an account: an address nobody
 * has gets rows too (whose code is never sent), so that no answer and no delay tells it apart. Wrong
 * tries are counted per code, so nobody can lock another out.
 */
export const codes = pgTable(
  "codes",
  {
    id: id(),
    /** As in `users`. */
    email: text("email").notNull(),
    purpose: text("purpose", { enum: codePurposes }).notNull(),
    /** HMAC-SHA256 of the code: six digits alone would be guessed from a plain hash. */
    codeHash: text("code_hash").notNull(),
    /**
     * What a `confirm_sign_up` code makes an account of. Kept with the code, so that whoever reads the
     * mail confirms the password of that very sign-up and never one that a stranger slipped in.
     */
    signUp: jsonb("sign_up").$type<PendingSignUp>(),
    tries: integer("tries").notNull().default(0),
    expiresAt: time("expires_at").notNull(),
    usedAt: time("used_at"),
    createdAt: createdAt(),
  },
  (table) => [
    index("codes_by_email").on(table.email, table.purpose, table.createdAt),
    index("codes_by_age").on(table.createdAt),
  ],
);

export const invitations = pgTable("invitations", {
  id: id(),
  /** SHA-256 of the invitation token. */
  tokenHash: text("token_hash").notNull().unique(),
  /** Only this address may use it; null means anyone who has the token. */
  email: text("email"),
  createdBy: uuid("created_by").references(() => users.id, { onDelete: "set null" }),
  expiresAt: time("expires_at").notNull(),
  usedAt: time("used_at"),
  createdAt: createdAt(),
});

/** Sign-ups at Cognito whose code has not come yet: what our own row will be made of. */
export const cognitoSignUps = pgTable("cognito_sign_ups", {
  /** As in `users`. */
  email: text("email").primaryKey(),
  sub: text("sub").notNull(),
  name: text("name").notNull(),
  invitationId: uuid("invitation_id"),
  /** PHC string, argon2id: to tell the same person from another one who takes the same address. */
  passwordHash: text("password_hash").notNull(),
  /** Somebody signed up again with another password; see `src/identity/cognito/sign-up.ts`. */
  contested: boolean("contested").notNull().default(false),
  createdAt: createdAt(),
});

export const sessions = pgTable(
  "sessions",
  {
    id: id(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** SHA-256 of the current refresh token. */
    refreshTokenHash: text("refresh_token_hash").notNull().unique(),
    /** The one before it: accepted for a short grace after `rotatedAt`, reuse later ends the session. */
    previousRefreshTokenHash: text("previous_refresh_token_hash"),
    rotatedAt: time("rotated_at").notNull().defaultNow(),
    /** The name Cognito knows the user by, needed for its refresh. */
    cognitoUsername: text("cognito_username"),
    /** Names the sign-in in every token that Cognito made of it. */
    cognitoOriginJti: text("cognito_origin_jti"),
    /** Cognito's tokens of this session, encrypted; null once it ended. See `src/identity/cognito/tokens.ts`. */
    cognitoTokens: text("cognito_tokens"),
    /** When Cognito last gave tokens. */
    cognitoRenewedAt: time("cognito_renewed_at"),
    /** Until then one process asks Cognito for new ones, and the others wait. */
    cognitoRenewingUntil: time("cognito_renewing_until"),
    userAgent: text("user_agent"),
    address: text("address"),
    lastUsedAt: time("last_used_at").notNull().defaultNow(),
    expiresAt: time("expires_at").notNull(),
    endedAt: time("ended_at"),
    endReason: text("end_reason", { enum: sessionEndReasons }),
    createdAt: createdAt(),
  },
  (table) => [
    index("sessions_by_user").on(table.userId),
    index("sessions_by_previous_token").on(table.previousRefreshTokenHash),
  ],
);

export const videos = pgTable(
  "videos",
  {
    id: id(),
    ownerId: uuid("owner_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    title: text("title").notNull(),
    visibility: text("visibility", { enum: visibilities }).notNull().default("private"),
    status: text("status", { enum: videoStatuses }).notNull().default("uploading"),
    sourceBytes: bytes("source_bytes").notNull(),
    /** What the winning presentation occupies; null until ready. */
    mediaBytes: bytes("media_bytes"),
    /** The attempt's presentation that players get; null until one can be watched. */
    presentationId: uuid("presentation_id"),
    durationSeconds: doublePrecision("duration_seconds"),
    width: integer("width"),
    height: integer("height"),
    frameRate: doublePrecision("frame_rate"),
    hasAudio: boolean("has_audio"),
    hasPoster: boolean("has_poster").notNull().default(false),
    renditions: jsonb("renditions").$type<RenditionSummary[]>().notNull().default([]),
    /** Of the source, the default track first; empty for silent videos and those converted before it was kept. */
    sound: jsonb("sound").$type<SoundSummary[]>().notNull().default([]),
    warnings: jsonb("warnings").$type<SourceWarning[]>().notNull().default([]),
    /** Text tracks that the source held, as they stand in the presentation. */
    sourceText: jsonb("source_text").$type<TextSummary[]>().notNull().default([]),
    /** Counts the changes of its rows in `tracks`. */
    tracksRevision: integer("tracks_revision").notNull().default(0),
    /** The revision that the manifests of `publishedTracksFor` offer; see `src/videos/publish-tracks.ts`. */
    publishedTracksRevision: integer("published_tracks_revision").notNull().default(0),
    publishedTracksFor: uuid("published_tracks_for"),
    failureCode: text("failure_code"),
    failureMessage: text("failure_message"),
    failureRetryable: boolean("failure_retryable"),
    playableAt: time("playable_at"),
    readyAt: time("ready_at"),
    /** Set on the tombstone that `deleted` leaves for 14 days, so that late events raise nothing from the dead. */
    deletedAt: time("deleted_at"),
    createdAt: createdAt(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (table) => [
    index("videos_by_owner").on(table.ownerId, table.createdAt, table.id),
    index("videos_public").on(table.visibility, table.status, table.createdAt, table.id),
  ],
);

/** Text tracks that people added to a video; their WebVTT files lie in storage, see `trackKey`. */
export const tracks = pgTable(
  "tracks",
  {
    id: id(),
    videoId: uuid("video_id")
      .notNull()
      .references(() => videos.id, { onDelete: "cascade" }),
    kind: text("kind", { enum: textKinds }).notNull(),
    /** BCP 47 tag. */
    language: text("language").notNull(),
    /** What people choose by; null to name it by its language. */
    label: text("label"),
    /** Shown unless the viewer chooses otherwise; at most one of a video. */
    isDefault: boolean("is_default").notNull().default(false),
    isForced: boolean("is_forced").notNull().default(false),
    cueCount: integer("cue_count").notNull(),
    sizeBytes: bytes("size_bytes").notNull(),
    /** Set when it was removed; players that read the manifests before may still ask for its file. */
    removedAt: time("removed_at"),
    createdAt: createdAt(),
  },
  (table) => [index("tracks_by_video").on(table.videoId, table.createdAt)],
);

export const uploads = pgTable(
  "uploads",
  {
    id: id(),
    videoId: uuid("video_id")
      .notNull()
      .unique()
      .references(() => videos.id, { onDelete: "cascade" }),
    ownerId: uuid("owner_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    objectKey: text("object_key").notNull(),
    /** The storage adapter's own handle of the multipart upload; empty once nothing of it is left there. */
    storageUploadId: text("storage_upload_id").notNull(),
    fileName: text("file_name").notNull(),
    contentType: text("content_type").notNull(),
    sizeBytes: bytes("size_bytes").notNull(),
    partBytes: bytes("part_bytes").notNull(),
    status: text("status", { enum: uploadStatuses }).notNull().default("open"),
    /** Version of the finished object: version id or ETag. */
    objectVersion: text("object_version"),
    expiresAt: time("expires_at").notNull(),
    completedAt: time("completed_at"),
    createdAt: createdAt(),
  },
  (table) => [
    index("uploads_by_owner").on(table.ownerId, table.createdAt),
    index("uploads_by_status").on(table.status, table.expiresAt),
  ],
);

export const jobs = pgTable(
  "jobs",
  {
    id: id(),
    videoId: uuid("video_id")
      .notNull()
      .references(() => videos.id, { onDelete: "cascade" }),
    bucket: text("bucket").notNull(),
    objectKey: text("object_key").notNull(),
    objectVersion: text("object_version"),
    status: text("status", { enum: jobStatuses }).notNull().default("pending"),
    /** Number of the newest attempt; 0 before the first. The fencing token. */
    attempt: integer("attempt").notNull().default(0),
    /** Attempts counted against the limit since the last retry by a person. */
    failedAttempts: integer("failed_attempts").notNull().default(0),
    /** Not launched before this time: backoff after a failed attempt. */
    notBefore: time("not_before").notNull().defaultNow(),
    failureCode: text("failure_code"),
    failureMessage: text("failure_message"),
    finishedAt: time("finished_at"),
    createdAt: createdAt(),
  },
  (table) => [
    // A duplicate event makes no second job, also where the store has neither versions nor ETags.
    unique("jobs_one_per_object")
      .on(table.bucket, table.objectKey, table.objectVersion)
      .nullsNotDistinct(),
    index("jobs_by_video").on(table.videoId),
    index("jobs_to_launch").on(table.status, table.notBefore),
  ],
);

export const attempts = pgTable(
  "attempts",
  {
    jobId: uuid("job_id")
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    number: integer("number").notNull(),
    /** The prefix this attempt alone writes to. */
    presentationId: uuid("presentation_id").notNull(),
    status: text("status", { enum: attemptStatuses }).notNull().default("launched"),
    /** How the launcher finds it again: process id and start time, task ARN. */
    launcherRef: text("launcher_ref"),
    /** The attempt is given up when nothing was heard by then. */
    leaseExpiresAt: time("lease_expires_at").notNull(),
    /** Sequence of the newest event seen, so that a repeated or late post changes nothing. */
    lastSequence: integer("last_sequence").notNull().default(-1),
    percent: doublePrecision("percent").notNull().default(0),
    etaSeconds: doublePrecision("eta_seconds"),
    speed: doublePrecision("speed"),
    failureCode: text("failure_code"),
    failureMessage: text("failure_message"),
    createdAt: createdAt(),
    startedAt: time("started_at"),
    finishedAt: time("finished_at"),
    /** When its process was known to be gone; until then it holds a place and may still write. */
    releasedAt: time("released_at"),
    /** When its presentation was removed because another one won, or none did. */
    presentationRemovedAt: time("presentation_removed_at"),
  },
  (table) => [
    primaryKey({ columns: [table.jobId, table.number] }),
    index("attempts_unreleased").on(table.leaseExpiresAt).where(sql`${table.releasedAt} is null`),
  ],
);

/** What happened to a job, for people who ask why; progress posts are not kept. */
export const jobEvents = pgTable(
  "job_events",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    jobId: uuid("job_id")
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    attempt: integer("attempt").notNull(),
    type: text("type").notNull(),
    data: jsonb("data").$type<Record<string, unknown>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [index("job_events_by_job").on(table.jobId, table.id)],
);

/** The queue of one-machine installations; see `src/queue/postgres.ts`. */
export const queueMessages = pgTable(
  "queue_messages",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    queue: text("queue").notNull(),
    body: jsonb("body").$type<unknown>().notNull(),
    /** Hidden from receivers until then. */
    visibleAt: time("visible_at").notNull().defaultNow(),
    receiveCount: integer("receive_count").notNull().default(0),
    /** Changes at each receive: only the newest receiver may extend or delete. */
    receipt: uuid("receipt"),
    /** Set when the message was given up; it stays for people to look at. */
    deadAt: time("dead_at"),
    deadReason: text("dead_reason"),
    createdAt: createdAt(),
  },
  (table) => [
    index("queue_messages_visible")
      .on(table.queue, table.visibleAt)
      .where(sql`${table.deadAt} is null`),
  ],
);

/** Answers to creates that carried an `Idempotency-Key`; kept for 24 hours. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    key: text("key").notNull(),
    /** SHA-256 over method, path and body: another request under the same key is refused. */
    requestHash: text("request_hash").notNull(),
    /** Null while the first request still runs. */
    responseStatus: integer("response_status"),
    responseBody: jsonb("response_body").$type<unknown>(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.key] })],
);
