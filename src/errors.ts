/**
 * Every error a person or a client can meet, by stable code.
 *
 * `fault` says who can mend it, and so decides retries and alarms:
 * - `caller`: the request is wrong; repeating it unchanged fails again.
 * - `source`: the uploaded file cannot be used; a retry of the job fails again.
 * - `platform`: ours, or something we depend on; a retry may succeed.
 *
 * Status codes live in `src/http/errors.ts` and exit codes in `src/transcoder/exit-codes.ts`: this
 * file knows neither HTTP nor processes.
 */
export type Fault = "caller" | "source" | "platform";

type CatalogueEntry = { readonly fault: Fault; readonly message: string };

/** One sentence per code that says what happened and, where there is something to do, what to do. */
export const errorCatalogue = {
  // Requests
  validation_failed: {
    fault: "caller",
    message: "Some fields are missing or have a wrong value; see `problems`.",
  },
  not_found: { fault: "caller", message: "There is nothing at this address." },
  method_not_allowed: { fault: "caller", message: "This address does not take this method." },
  body_too_large: { fault: "caller", message: "The body is larger than allowed here." },
  malformed_body: { fault: "caller", message: "The body could not be read as JSON." },
  rate_limited: {
    fault: "caller",
    message: "Too many attempts; wait for the time given in Retry-After and try again.",
  },
  cross_site_request: {
    fault: "caller",
    message: "The request came from another site and was refused.",
  },
  idempotency_key_reused: {
    fault: "caller",
    message: "This Idempotency-Key was used with another request; take a new key.",
  },
  idempotency_key_in_use: {
    fault: "caller",
    message:
      "The first request with this Idempotency-Key is still running; repeat this one a little later.",
  },
  internal: {
    fault: "platform",
    message: "Something went wrong on our side; try again, and report the request id if it stays.",
  },
  database_unavailable: {
    fault: "platform",
    message: "The database cannot be reached; try again in a moment.",
  },

  // Accounts
  not_signed_in: { fault: "caller", message: "Sign in first." },
  session_ended: { fault: "caller", message: "This session has ended; sign in again." },
  refresh_token_reused: {
    fault: "caller",
    message:
      "This refresh token was used before, so the session was ended for safety; sign in again.",
  },
  invalid_credentials: { fault: "caller", message: "The e-mail address or the password is wrong." },
  account_not_confirmed: {
    fault: "caller",
    message: "Confirm the account with the code from the e-mail first.",
  },
  invalid_code: {
    fault: "caller",
    message: "The code is wrong or no longer valid; check it, or ask for a new one.",
  },
  too_many_codes: { fault: "caller", message: "That code was tried too often; ask for a new one." },
  weak_password: {
    fault: "caller",
    message: "The password does not meet the rules: 8 to 256 characters, and not a well-known one.",
  },
  sign_up_closed: {
    fault: "caller",
    message: "Sign-up is closed on this server; ask its administrator.",
  },
  invitation_required: {
    fault: "caller",
    message: "Sign-up needs a valid invitation; ask the administrator for one.",
  },
  not_allowed: { fault: "caller", message: "Your account may not do this." },
  account_conflict: {
    fault: "caller",
    message:
      "Another account of this server has your e-mail address; ask its administrator which one to keep.",
  },
  challenge_unsupported: {
    fault: "caller",
    message:
      "This account signs in with a step that this server does not offer; ask its administrator to allow authenticator apps.",
  },
  totp_unavailable: {
    fault: "caller",
    message: "This server's accounts cannot use authenticator apps.",
  },
  identity_unavailable: {
    fault: "platform",
    message: "The service that keeps the accounts does not answer; try again in a moment.",
  },
  identity_misconfigured: {
    fault: "platform",
    message:
      "Signing in is not set up right on this server; its administrator finds the reason in its log.",
  },
  challenge_not_pending: {
    fault: "caller",
    message:
      "There is no sign-in step to answer: each waits for three minutes and takes one answer; sign in again.",
  },

  // Uploads
  upload_not_found: { fault: "caller", message: "There is no such upload, or it is not yours." },
  upload_too_large: { fault: "caller", message: "The file is larger than this server accepts." },
  upload_empty: { fault: "caller", message: "The file is empty." },
  quota_exceeded: {
    fault: "caller",
    message: "This upload would exceed your storage quota; delete something first.",
  },
  storage_full: {
    fault: "platform",
    message: "The server's storage is full; nothing was lost, try again after space was freed.",
  },
  storage_unavailable: {
    fault: "platform",
    message: "The storage cannot be reached; try again in a moment.",
  },
  storage_denied: {
    fault: "platform",
    message:
      "The storage refuses this server; check its credentials and what they may do with the buckets.",
  },
  storage_bucket_missing: {
    fault: "platform",
    message:
      "A bucket does not exist, or lies in another region; check UPLOADS_BUCKET, MEDIA_BUCKET and AWS_REGION.",
  },
  upload_incomplete: {
    fault: "caller",
    message:
      "Parts of the file are missing; send the ones listed in `missingParts`, then complete again.",
  },
  upload_size_mismatch: {
    fault: "caller",
    message: "The received bytes do not add up to the declared size.",
  },
  upload_closed: {
    fault: "caller",
    message: "This upload was completed or cancelled before and takes no more parts.",
  },
  part_out_of_range: {
    fault: "caller",
    message: "There is no part with this number in this upload.",
  },
  part_size_mismatch: {
    fault: "caller",
    message: "The part does not have the length it was signed for.",
  },
  part_corrupted: {
    fault: "caller",
    message: "The part arrived with other bytes than its checksum says; send it again.",
  },
  part_changed: {
    fault: "caller",
    message:
      "This part arrived before with other bytes, so the file has changed; cancel this upload and start again.",
  },
  url_signature_invalid: {
    fault: "caller",
    message: "The signed address is not valid; ask for a new one.",
  },
  url_expired: { fault: "caller", message: "The signed address has expired; ask for a new one." },

  // Videos
  video_not_found: { fault: "caller", message: "There is no such video, or you may not see it." },
  video_not_playable: { fault: "caller", message: "This video cannot be played yet." },
  video_not_retryable: {
    fault: "caller",
    message: "This video cannot be retried: it has not failed, or its file cannot be used.",
  },
  track_not_found: { fault: "caller", message: "There is no such subtitle track on this video." },
  track_unreadable: {
    fault: "caller",
    message:
      "No subtitles could be read in this file; send SubRip (.srt), WebVTT (.vtt) or SubStation Alpha (.ass).",
  },
  track_too_large: {
    fault: "caller",
    message: "The subtitle file is too large: 2 MiB and 100,000 cues are the limit.",
  },
  too_many_tracks: {
    fault: "caller",
    message: "This video has as many subtitle tracks as it can have; delete one first.",
  },
  invalid_cursor: {
    fault: "caller",
    message: "The cursor is not one this server gave out; start again without it.",
  },
  media_not_found: { fault: "caller", message: "There is no such media file." },
  range_not_satisfiable: {
    fault: "caller",
    message: "The requested byte range lies outside the file.",
  },

  // Jobs
  job_not_found: { fault: "caller", message: "There is no such job." },
  job_token_invalid: {
    fault: "caller",
    message: "The job token is not valid for this job and attempt.",
  },
  attempt_superseded: {
    fault: "caller",
    message: "This attempt is over; another one took its place or the job has ended.",
  },

  // Sources: the uploaded file cannot be used
  source_empty: { fault: "source", message: "The file is empty." },
  source_not_media: {
    fault: "source",
    message: "The file is not a video or audio file that can be read.",
  },
  source_unsupported_container: {
    fault: "source",
    message: "This kind of file is not supported; use MP4, MOV, MKV or WebM.",
  },
  source_unsupported_colour: {
    fault: "source",
    message:
      "This is Dolby Vision without a picture that other players can show (profile 5); export it as HDR10, HLG or SDR.",
  },
  source_unsupported_codec: {
    fault: "source",
    message: "The video in this file is in a format that is not supported.",
  },
  source_truncated: {
    fault: "source",
    message:
      "The file ends too early: its index is missing, so nothing in it can be played. Upload it again.",
  },
  source_no_streams: { fault: "source", message: "The file contains neither video nor audio." },
  source_bad_dimensions: {
    fault: "source",
    message: "The picture is too small or too large to be converted.",
  },
  source_too_long: { fault: "source", message: "The video is longer than this server accepts." },
  source_too_many_streams: { fault: "source", message: "The file contains too many streams." },
  source_undecodable: {
    fault: "source",
    message: "No picture in this file could be decoded; it is damaged.",
  },
  source_not_found: {
    fault: "caller",
    message: "The input file does not exist or cannot be read.",
  },

  // Transcoding: our side
  output_not_writable: {
    fault: "platform",
    message: "The output cannot be written; check the folder's permissions and free space.",
  },
  output_full: {
    fault: "platform",
    message: "There is no space left for the output; free some and retry.",
  },
  transcode_failed: { fault: "platform", message: "The conversion failed on our side; retry it." },
  transcode_stalled: {
    fault: "platform",
    message: "The conversion made no progress and was stopped; retry it.",
  },
  transcoder_crashed: {
    fault: "platform",
    message: "The transcoder stopped unexpectedly; retry it.",
  },
  transcoder_out_of_memory: {
    fault: "platform",
    message: "The transcoder ran out of memory; retry it or give it more.",
  },
  transcoder_lost: {
    fault: "platform",
    message: "The transcoder stopped reporting and was given up; retry it.",
  },
  transcoder_missing: {
    fault: "platform",
    message:
      "The transcoder executable was not found; put it beside the api or set TRANSCODER_PATH.",
  },
  confinement_unavailable: {
    fault: "platform",
    message:
      "The transcoder cannot be confined on this machine, and TRANSCODER_CONFINEMENT requires it.",
  },
  launch_failed: {
    fault: "platform",
    message: "The transcoder could not be started; it will be tried again.",
  },
  launch_deferred: {
    fault: "platform",
    message: "There is no room for a transcoder at the moment; it starts as soon as there is.",
  },
  launch_uncertain: {
    fault: "platform",
    message: "It is not known whether the transcoder was started; it is looked for.",
  },
  launch_misconfigured: {
    fault: "platform",
    message:
      "Transcoders cannot be started the way this server is set up; retry it when its operator has mended that.",
  },
  transcoder_not_started: {
    fault: "platform",
    message: "The transcoder was launched but could not start; retry it.",
  },
  interrupted: { fault: "platform", message: "The work was interrupted and can be started again." },
} as const satisfies Record<string, CatalogueEntry>;

/** A stable error code: clients may match on it, it never changes its meaning. */
export type ErrorCode = keyof typeof errorCatalogue;

export type SluiceErrorOptions = {
  /** What made it happen; kept for the log, never shown. */
  cause?: unknown;
  /** Replaces the catalogue's sentence where a more precise one helps. */
  message?: string;
  /** Machine-readable facts that travel with the error, for example `missingParts`. */
  details?: Record<string, unknown>;
};

/** The one error type that crosses module borders; anything else that is thrown is a bug and shows as `internal`. */
export class SluiceError extends Error {
  override readonly name = "SluiceError";
  readonly code: ErrorCode;
  readonly fault: Fault;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, options: SluiceErrorOptions = {}) {
    const entry: CatalogueEntry = errorCatalogue[code];
    super(options.message ?? entry.message, { cause: options.cause });
    this.code = code;
    this.fault = entry.fault;
    this.details = options.details ?? {};
  }
}

/** Whether `value` is one of the codes above; for codes that come back from another process. */
export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === "string" && Object.hasOwn(errorCatalogue, value);

/** Turns anything thrown into a `SluiceError`; what is not one already becomes `fallback`. */
export const toSluiceError = (thrown: unknown, fallback: ErrorCode = "internal"): SluiceError =>
  thrown instanceof SluiceError ? thrown : new SluiceError(fallback, { cause: thrown });
