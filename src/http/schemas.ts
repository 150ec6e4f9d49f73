/**
 * Shapes of the HTTP API. Routes validate with them, OpenAPI is made from them, and the page takes
 * its types from here. Times are ISO 8601 strings in UTC, sizes are bytes, ids are UUIDs.
 */
import { type Static, Type } from "@sinclair/typebox";
import { t } from "elysia";
import { videoStatuses, visibilities } from "../db/schema.ts";
import { challengeNames } from "../identity/challenge-names.ts";
import { textKinds } from "../presentation/presentation.ts";
import { CRC32_PATTERN } from "../storage/part-checksum.ts";
import { RenditionSummary, SoundSummary, SourceWarning } from "../videos/job-message.ts";

const Time = Type.String({ format: "date-time", examples: ["2026-11-22T10:00:00.000Z"] });
const Id = Type.String({ format: "uuid", examples: ["019abc00-0000-7000-8000-000000000000"] });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);
const literals = <const T extends string>(values: readonly T[]) =>
  Type.Unsafe<T>(Type.Union(values.map((value) => Type.Literal(value))));

/** `application/problem+json`, RFC 9457. */
export const Problem = Type.Object({
  type: Type.String({ examples: ["about:blank"] }),
  title: Type.String(),
  status: Type.Integer({ examples: [404] }),
  /** Stable; match on this. */
  code: Type.String({ examples: ["video_not_found"] }),
  detail: Type.String({ examples: ["There is no such video, or you may not see it."] }),
  /** Also in the `X-Request-Id` header and in the server's log. */
  requestId: Type.String(),
  /** Field errors of `validation_failed`. */
  problems: Type.Optional(
    Type.Array(Type.Object({ field: Type.String(), message: Type.String() })),
  ),
  /** Parts still to be sent, with `upload_incomplete`. */
  missingParts: Type.Optional(Type.Array(Type.Integer())),
});
export type Problem = Static<typeof Problem>;

export const UserBody = Type.Object({
  id: Id,
  email: Type.String({ examples: ["ada@example.org"] }),
  name: Type.String({ examples: ["Ada Lovelace"] }),
  role: literals(["admin", "user"]),
  createdAt: Time,
});
export type UserBody = Static<typeof UserBody>;

/** Answer to login and refresh. Browsers get the tokens as HttpOnly cookies and null here, out of a script's reach. */
export const TokensBody = Type.Object({
  user: UserBody,
  accessToken: Nullable(Type.String()),
  accessTokenExpiresAt: Time,
  refreshToken: Nullable(Type.String()),
  refreshTokenExpiresAt: Time,
});
export type TokensBody = Static<typeof TokensBody>;

/** What an authenticator app is set up with. */
export const TotpSetupBody = Type.Object({
  /** Base32, for typing. */
  secret: Type.String({ examples: ["JBSWY3DPEHPK3PXP"] }),
  /** The same as an `otpauth:` address, for a QR code. */
  uri: Type.String({ examples: ["otpauth://totp/Sluice%3Aada%40example.org?secret=JBSWY3DP"] }),
});
export type TotpSetupBody = Static<typeof TotpSetupBody>;

/** Answer to a login that needs another step: send `token` with the answer to `POST /auth/challenge`. */
export const ChallengeBody = Type.Object({
  challenge: Type.Object({
    /** `new_password`: choose one; `totp`: a code of the authenticator app; `totp_setup`: set one up first. */
    name: literals(challengeNames),
    token: Type.String(),
    expiresAt: Time,
    /** With `totp_setup`: what to enter into the app. */
    setup: Nullable(TotpSetupBody),
    /** Whether a `new_password` must come with a name. */
    needsName: Type.Boolean(),
  }),
});
export type ChallengeBody = Static<typeof ChallengeBody>;

export const SignInBody = Type.Union([TokensBody, ChallengeBody]);
export type SignInBody = Static<typeof SignInBody>;

export const TotpBody = Type.Object({ enabled: Type.Boolean() });
export type TotpBody = Static<typeof TotpBody>;

export const SessionBody = Type.Object({
  id: Id,
  current: Type.Boolean(),
  userAgent: Nullable(Type.String()),
  address: Nullable(Type.String()),
  createdAt: Time,
  lastUsedAt: Time,
});
export type SessionBody = Static<typeof SessionBody>;

/** How far the work on a video is; null when nothing is being done. */
export const VideoProgress = Type.Object({
  percent: Type.Number({ minimum: 0, maximum: 100 }),
  etaSeconds: Nullable(Type.Number()),
  /** Multiple of real time. */
  speed: Nullable(Type.Number()),
  /** Jobs that will be started before this one; null once it runs. */
  queuePosition: Nullable(Type.Integer({ minimum: 0 })),
  /** Which try this is, from 1. */
  attempt: Type.Integer({ minimum: 0 }),
});
export type VideoProgress = Static<typeof VideoProgress>;

export const VideoFailure = Type.Object({
  code: Type.String({ examples: ["source_truncated"] }),
  message: Type.String(),
  /** Whether `POST /videos/:id/retry` can help. */
  retryable: Type.Boolean(),
});
export type VideoFailure = Static<typeof VideoFailure>;

export const VideoBody = Type.Object({
  id: Id,
  title: Type.String({ examples: ["Holiday 2026"] }),
  visibility: literals(visibilities),
  status: literals(videoStatuses),
  /** Whether the caller owns it, and so may change it. */
  mine: Type.Boolean(),
  sourceBytes: Type.Integer(),
  durationSeconds: Nullable(Type.Number()),
  width: Nullable(Type.Integer()),
  height: Nullable(Type.Integer()),
  frameRate: Nullable(Type.Number()),
  renditions: Type.Array(RenditionSummary),
  /** Its tracks of sound, how loud the original is and what was done about it; the default one first. */
  sound: Type.Array(SoundSummary),
  warnings: Type.Array(SourceWarning),
  progress: Nullable(VideoProgress),
  failure: Nullable(VideoFailure),
  /** Signed address of the poster, valid for a few hours; null until there is one. */
  posterUrl: Nullable(Type.String()),
  /** The open upload, while `status` is `uploading` and the caller owns it. */
  uploadId: Nullable(Id),
  createdAt: Time,
  playableAt: Nullable(Time),
  readyAt: Nullable(Time),
});
export type VideoBody = Static<typeof VideoBody>;

export const VideoPage = Type.Object({
  items: Type.Array(VideoBody),
  /** Give it as `cursor` to get the next page; null on the last one. */
  nextCursor: Nullable(Type.String()),
});
export type VideoPage = Static<typeof VideoPage>;

export const VideoChange = Type.Object({
  title: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  visibility: Type.Optional(literals(visibilities)),
});
export type VideoChange = Static<typeof VideoChange>;

/** Addresses for a player; signed and valid until `expiresAt`. */
export const PlaybackBody = Type.Object({
  dashUrl: Type.String({ examples: ["http://127.0.0.1:3000/media/…/manifest.mpd"] }),
  hlsUrl: Type.String({ examples: ["http://127.0.0.1:3000/media/…/master.m3u8"] }),
  posterUrl: Nullable(Type.String()),
  /** WebVTT whose cues name tiles of pictures for searching (`1.jpg#xywh=0,0,192,108`); null where there are none. */
  thumbnailsUrl: Nullable(
    Type.String({ examples: ["http://127.0.0.1:3000/media/…/t/thumbnails.vtt"] }),
  ),
  expiresAt: Time,
  /** What requests for media must carry (CloudFront's signed cookies); null where the addresses say it all. */
  credentials: Nullable(
    Type.Object({
      cookies: Type.Record(Type.String(), Type.String()),
      query: Type.String({ examples: ["Policy=…&Signature=…&Key-Pair-Id=…"] }),
    }),
  ),
});
export type PlaybackBody = Static<typeof PlaybackBody>;

const Language = Type.String({ minLength: 2, maxLength: 35, examples: ["de", "pt-BR", "und"] });
const Label = Type.String({ maxLength: 100, examples: ["Deutsch"] });

/** Subtitles or captions of a video. */
export const TrackBody = Type.Object({
  id: Type.String({ examples: ["019abc00-0000-7000-8000-000000000000"] }),
  /** `source`: in the uploaded file, and not to be changed. `added`: through the API. */
  origin: literals(["source", "added"]),
  /** `captions` also tell what is heard, for people who cannot hear it. */
  kind: literals(textKinds),
  /** BCP 47 tag; `und` where nothing says it. */
  language: Language,
  /** What people choose by; null to name it by its language. */
  label: Nullable(Label),
  /** What players show in their menu. */
  name: Type.String({ examples: ["German"] }),
  /** Shown unless the viewer chooses otherwise. */
  isDefault: Type.Boolean(),
  /** Only what must be read to follow the film, such as signs. */
  isForced: Type.Boolean(),
  /** Null where it was not counted. */
  cueCount: Nullable(Type.Integer({ examples: [1204] })),
  createdAt: Nullable(Time),
});
export type TrackBody = Static<typeof TrackBody>;
export const TrackList = Type.Object({ items: Type.Array(TrackBody) });
export type TrackList = Static<typeof TrackList>;

/** Query of `POST /videos/:id/tracks`; the body is the file. */
export const TrackStart = Type.Object({
  language: Language,
  label: Type.Optional(Label),
  kind: Type.Optional(literals(textKinds)),
  // Elysia's own: they read the boolean out of the text that a query is.
  default: Type.Optional(t.BooleanString({ default: false })),
  forced: Type.Optional(t.BooleanString({ default: false })),
});

export const TrackChange = Type.Object({
  language: Type.Optional(Language),
  label: Type.Optional(Nullable(Label)),
  kind: Type.Optional(literals(textKinds)),
  isDefault: Type.Optional(Type.Boolean()),
  isForced: Type.Optional(Type.Boolean()),
});
export type TrackChange = Static<typeof TrackChange>;

/** One server-sent event of `GET /videos/:id/events`: `event: video`, data: the whole `VideoBody`. */
export const VIDEO_EVENT = "video";

export const UploadStart = Type.Object({
  fileName: Type.String({ minLength: 1, maxLength: 255, examples: ["holiday.mp4"] }),
  /** Exact length of the file; at least 1 (0 is answered with `upload_empty`). */
  sizeBytes: Type.Integer({ minimum: 0, examples: [10485760] }),
  contentType: Type.Optional(Type.String({ maxLength: 255, examples: ["video/mp4"] })),
  /** Default: the file name without its ending. */
  title: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  visibility: Type.Optional(literals(visibilities)),
});
export type UploadStart = Static<typeof UploadStart>;

/** Send these bytes with this method to this address, adding these headers. */
export const SignedPart = Type.Object({
  partNumber: Type.Integer({ minimum: 1 }),
  /** Offset of its first byte in the file. */
  offset: Type.Integer({ minimum: 0 }),
  sizeBytes: Type.Integer({ minimum: 1 }),
  method: Type.Literal("PUT"),
  url: Type.String(),
  headers: Type.Record(Type.String(), Type.String()),
  expiresAt: Time,
});
export type SignedPart = Static<typeof SignedPart>;

export const UploadBody = Type.Object({
  id: Id,
  videoId: Id,
  fileName: Type.String(),
  sizeBytes: Type.Integer(),
  /** All parts but the last have this size. */
  partBytes: Type.Integer(),
  partCount: Type.Integer(),
  status: literals(["open", "completed", "cancelled", "expired"]),
  /** Numbers of the parts that arrived whole. */
  receivedParts: Type.Array(Type.Integer()),
  receivedBytes: Type.Integer(),
  createdAt: Time,
  expiresAt: Time,
});
export type UploadBody = Static<typeof UploadBody>;

/** Answer to `POST /uploads`: the first signed parts come with it. */
export const UploadStarted = Type.Object({
  upload: UploadBody,
  video: VideoBody,
  parts: Type.Array(SignedPart),
});
export type UploadStarted = Static<typeof UploadStarted>;

/** Body of `POST /uploads/:id/parts`: sign these parts (again). */
export const PartsRequest = Type.Object({
  partNumbers: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 100 }),
  checksums: Type.Optional(
    Type.Array(Type.String({ pattern: CRC32_PATTERN }), {
      maxItems: 100,
      description:
        "CRC-32 of each of these parts, in the same order, as base64 of its four bytes (the highest first). The addresses then take these bytes alone; send the `headers` of each part with it.",
    }),
  ),
});
export type PartsRequest = Static<typeof PartsRequest>;
export const SignedParts = Type.Object({ parts: Type.Array(SignedPart) });
export type SignedParts = Static<typeof SignedParts>;
export const UploadList = Type.Object({ items: Type.Array(UploadBody) });
export type UploadList = Static<typeof UploadList>;

export const SignUpRequest = Type.Object({
  email: Type.String({ minLength: 3, maxLength: 254, examples: ["ada@example.org"] }),
  name: Type.String({ minLength: 1, maxLength: 100, examples: ["Ada Lovelace"] }),
  password: Type.String({ minLength: 1, maxLength: 1024, examples: ["correct horse battery"] }),
  invitation: Type.Optional(Type.String({ maxLength: 200 })),
});
export type SignUpRequest = Static<typeof SignUpRequest>;
export const ConfirmRequest = Type.Object({
  email: Type.String({ minLength: 3, maxLength: 254 }),
  code: Type.String({ pattern: "^[0-9]{6}$", examples: ["123456"] }),
});
export type ConfirmRequest = Static<typeof ConfirmRequest>;
export const EmailRequest = Type.Object({ email: Type.String({ minLength: 3, maxLength: 254 }) });
export type EmailRequest = Static<typeof EmailRequest>;
export const LoginRequest = Type.Object({
  email: Type.String({ minLength: 3, maxLength: 254 }),
  password: Type.String({ minLength: 1, maxLength: 1024 }),
});
export type LoginRequest = Static<typeof LoginRequest>;
/** The fields that the challenge asks for. */
export const ChallengeRequest = Type.Object({
  token: Type.Optional(Type.String({ maxLength: 8192 })),
  newPassword: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  code: Type.Optional(Type.String({ pattern: "^[0-9]{6}$", examples: ["123456"] })),
});
export type ChallengeRequest = Static<typeof ChallengeRequest>;
export const CodeRequest = Type.Object({
  code: Type.String({ pattern: "^[0-9]{6}$", examples: ["123456"] }),
});
export type CodeRequest = Static<typeof CodeRequest>;
export const PasswordRequest = Type.Object({
  password: Type.String({ minLength: 1, maxLength: 1024 }),
});
export type PasswordRequest = Static<typeof PasswordRequest>;
/** Browsers send the cookie and an empty body. */
export const RefreshRequest = Type.Object({
  refreshToken: Type.Optional(Type.String({ maxLength: 4096 })),
});
export type RefreshRequest = Static<typeof RefreshRequest>;
export const ResetPasswordRequest = Type.Object({
  email: Type.String({ minLength: 3, maxLength: 254 }),
  code: Type.String({ pattern: "^[0-9]{6}$" }),
  password: Type.String({ minLength: 1, maxLength: 1024 }),
});
export type ResetPasswordRequest = Static<typeof ResetPasswordRequest>;
export const ChangePasswordRequest = Type.Object({
  currentPassword: Type.String({ minLength: 1, maxLength: 1024 }),
  newPassword: Type.String({ minLength: 1, maxLength: 1024 }),
});
export type ChangePasswordRequest = Static<typeof ChangePasswordRequest>;
export const DeleteAccountRequest = Type.Object({
  password: Type.String({ minLength: 1, maxLength: 1024 }),
});
export type DeleteAccountRequest = Static<typeof DeleteAccountRequest>;
export const InvitationRequest = Type.Object({
  email: Type.Optional(Type.String({ maxLength: 254 })),
});
export type InvitationRequest = Static<typeof InvitationRequest>;
export const InvitationBody = Type.Object({ invitation: Type.String(), url: Type.String() });
export type InvitationBody = Static<typeof InvitationBody>;

/** What the page needs to know before anyone is signed in; `GET /config`. */
export const PublicConfig = Type.Object({
  signUp: literals(["open", "invitation", "closed"]),
  /** True until the first account exists: whoever signs up becomes the administrator. */
  firstRun: Type.Boolean(),
  maxUploadBytes: Type.Integer(),
  /** Where codes go when no mail server is set: people look at the server's console. */
  mail: literals(["smtp", "console"]),
  /** Whether accounts can have an authenticator app as a second factor. */
  totp: Type.Boolean(),
  version: Type.String(),
});
export type PublicConfig = Static<typeof PublicConfig>;
