import { type Static, Type } from "@sinclair/typebox";
import { ObjectLocation } from "../storage/object-location.ts";

/** Version of the two contracts below; a reader refuses a higher one. */
export const JOB_PROTOCOL_VERSION = 1;

/**
 * What the queue carries: an object was created in the uploads bucket. Adapters whose events come
 * in another shape (S3, SNS, EventBridge) translate into this one.
 */
export const ObjectCreated = Type.Object({
  version: Type.Literal(JOB_PROTOCOL_VERSION),
  type: Type.Literal("object-created"),
  bucket: Type.String(),
  /** Decoded key, `uploads/{userId}/{videoId}/source`. */
  key: Type.String(),
  /** Version id, else ETag, else null: with bucket and key it makes a duplicate event recognisable. */
  objectVersion: Type.Union([Type.String(), Type.Null()]),
  sizeBytes: Type.Integer({ minimum: 0 }),
});
export type ObjectCreated = Static<typeof ObjectCreated>;

/** What the transcoder gets from `GET /internal/jobs/:id`: all it needs for one attempt. */
export const JobDocument = Type.Object({
  version: Type.Literal(JOB_PROTOCOL_VERSION),
  jobId: Type.String(),
  attempt: Type.Integer({ minimum: 1 }),
  videoId: Type.String(),
  presentationId: Type.String(),
  source: ObjectLocation,
  output: ObjectLocation,
  /** Presentation of an earlier attempt with work to go on with; absent when there is none. */
  resumeFrom: Type.Optional(ObjectLocation),
  /** Whether `GET /internal/jobs/:id/credentials` gives keys for just these places; absent: the task's own role has them. */
  scopedCredentials: Type.Optional(Type.Boolean()),
  /** Longest source accepted, in seconds. */
  maxDurationSeconds: Type.Number({ exclusiveMinimum: 0 }),
  /** What sound is brought to, in LUFS; null leaves it alone. */
  loudnessLufs: Type.Union([Type.Number(), Type.Null()]),
});
export type JobDocument = Static<typeof JobDocument>;

/** What the transcoder gets from `GET /internal/jobs/:id/credentials`: keys for its own job's places in S3. */
export const JobCredentials = Type.Object({
  accessKeyId: Type.String({ minLength: 1 }),
  secretAccessKey: Type.String({ minLength: 1 }),
  sessionToken: Type.String({ minLength: 1 }),
  /** ISO 8601; ask again before it. */
  expiresAt: Type.String({ minLength: 1 }),
});
export type JobCredentials = Static<typeof JobCredentials>;

/** One rung of the result, as shown to people and players. */
export const RenditionSummary = Type.Object({
  /** Rung name, for example `720p`. */
  name: Type.String(),
  width: Type.Integer(),
  height: Type.Integer(),
  frameRate: Type.Number(),
  codecs: Type.String(),
  /** Peak bits per second over any segment. */
  bandwidth: Type.Integer(),
  averageBandwidth: Type.Integer(),
  bytes: Type.Integer(),
  /**
   * How like the source its pictures became: structural similarity of luma against the source at this
   * size, mean over all pictures, as the encoder measured it. 1 is the same; missing where the source's
   * own pictures were kept, and for videos converted before it was measured.
   */
  ssim: Type.Optional(Type.Number({ minimum: 0, maximum: 1, examples: [0.9812] })),
});
export type RenditionSummary = Static<typeof RenditionSummary>;

/** A text track that the source held. */
export const TextSummary = Type.Object({
  /** Its id in the presentation, for example `s-de`. */
  id: Type.String(),
  kind: Type.Union([Type.Literal("subtitles"), Type.Literal("captions")]),
  /** BCP 47 tag; `und` where the source says nothing. */
  language: Type.String(),
  /** What people choose by; null to name it by its language. */
  label: Type.Union([Type.String(), Type.Null()]),
  isDefault: Type.Boolean(),
  isForced: Type.Boolean(),
});
export type TextSummary = Static<typeof TextSummary>;

/** One track of sound: how loud the source is (EBU R 128) and what was done about it. */
export const SoundSummary = Type.Object({
  /** Folder of the track. */
  id: Type.String(),
  /** As the source states it; `und` where it says nothing. */
  language: Type.String(),
  channels: Type.Integer(),
  /** Null for silence, and for sound too short to be measured. */
  integratedLufs: Type.Union([Type.Number(), Type.Null()]),
  truePeakDbtp: Type.Union([Type.Number(), Type.Null()]),
  /** What was added to the whole track, in dB; 0 when it was left alone. */
  gainDb: Type.Number(),
});
export type SoundSummary = Static<typeof SoundSummary>;

/** Something about the source that was worked around; stored with the video and shown. */
export const SourceWarning = Type.Object({
  /** Stable code, for example `frames_damaged`. */
  code: Type.String(),
  message: Type.String(),
});
export type SourceWarning = Static<typeof SourceWarning>;

/** The finished presentation, as the transcoder reports it and as `result.json` beside the manifests holds it. */
export const TranscodeResult = Type.Object({
  durationSeconds: Type.Number({ minimum: 0 }),
  /** Of the highest rung, as is the frame rate; null for sound alone. */
  width: Type.Union([Type.Integer(), Type.Null()]),
  height: Type.Union([Type.Integer(), Type.Null()]),
  frameRate: Type.Union([Type.Number(), Type.Null()]),
  hasAudio: Type.Boolean(),
  renditions: Type.Array(RenditionSummary),
  /** The default one first. */
  sound: Type.Array(SoundSummary),
  totalBytes: Type.Integer(),
  /** Name of the poster relative to the presentation, or null. */
  poster: Type.Union([Type.String(), Type.Null()]),
  /** Text tracks of the source; absent in results of older transcoders. */
  text: Type.Optional(Type.Array(TextSummary)),
  warnings: Type.Array(SourceWarning),
});
export type TranscodeResult = Static<typeof TranscodeResult>;

/** What the transcoder posts to `POST /internal/jobs/:id/events`. Posts are idempotent and fenced by the attempt. */
export const JobEvent = Type.Union([
  Type.Object({ type: Type.Literal("started"), durationSeconds: Type.Optional(Type.Number()) }),
  Type.Object({
    type: Type.Literal("progress"),
    /** 0 to 100; never falls within an attempt. */
    percent: Type.Number({ minimum: 0, maximum: 100 }),
    /** Seconds left, or null while unknown. */
    etaSeconds: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
    /** Multiple of real time. */
    speed: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
  }),
  Type.Object({ type: Type.Literal("playable") }),
  Type.Object({ type: Type.Literal("succeeded"), result: TranscodeResult }),
  Type.Object({
    type: Type.Literal("failed"),
    /** A code of `src/errors.ts`. */
    code: Type.String(),
    message: Type.String(),
    retryable: Type.Boolean(),
  }),
]);
export type JobEvent = Static<typeof JobEvent>;

/** Envelope of a posted event: the attempt is the fencing token, `sequence` orders posts within it. */
export const JobEventPost = Type.Object({
  version: Type.Literal(JOB_PROTOCOL_VERSION),
  attempt: Type.Integer({ minimum: 1 }),
  sequence: Type.Integer({ minimum: 0 }),
  event: JobEvent,
});
export type JobEventPost = Static<typeof JobEventPost>;
