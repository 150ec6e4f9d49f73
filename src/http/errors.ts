import { isConnectionFailure } from "../db/connection-failure.ts";
import { type ErrorCode, SluiceError, toSluiceError } from "../errors.ts";
import type { Problem } from "./schemas.ts";

/** The only place that knows which status belongs to which code. */
const statusOf: Record<ErrorCode, number> = {
  validation_failed: 422,
  not_found: 404,
  method_not_allowed: 405,
  body_too_large: 413,
  malformed_body: 400,
  rate_limited: 429,
  cross_site_request: 403,
  idempotency_key_reused: 422,
  idempotency_key_in_use: 409,
  internal: 500,
  database_unavailable: 503,

  not_signed_in: 401,
  session_ended: 401,
  refresh_token_reused: 401,
  invalid_credentials: 401,
  account_not_confirmed: 403,
  invalid_code: 400,
  too_many_codes: 400,
  weak_password: 422,
  sign_up_closed: 403,
  invitation_required: 403,
  not_allowed: 403,
  challenge_not_pending: 409,
  account_conflict: 409,
  challenge_unsupported: 403,
  totp_unavailable: 409,
  identity_unavailable: 503,
  identity_misconfigured: 500,

  upload_not_found: 404,
  upload_too_large: 413,
  upload_empty: 422,
  quota_exceeded: 413,
  storage_full: 507,
  storage_unavailable: 503,
  storage_denied: 500,
  storage_bucket_missing: 500,
  upload_incomplete: 409,
  upload_size_mismatch: 409,
  upload_closed: 409,
  part_out_of_range: 422,
  part_size_mismatch: 400,
  part_corrupted: 400,
  part_changed: 409,
  url_signature_invalid: 403,
  url_expired: 403,

  video_not_found: 404,
  video_not_playable: 409,
  video_not_retryable: 409,
  track_not_found: 404,
  track_unreadable: 422,
  track_too_large: 413,
  too_many_tracks: 409,
  invalid_cursor: 400,
  media_not_found: 404,
  range_not_satisfiable: 416,

  job_not_found: 404,
  job_token_invalid: 401,
  attempt_superseded: 409,

  source_empty: 422,
  source_not_media: 422,
  source_unsupported_container: 422,
  source_unsupported_codec: 422,
  source_unsupported_colour: 422,
  source_truncated: 422,
  source_no_streams: 422,
  source_bad_dimensions: 422,
  source_too_long: 422,
  source_too_many_streams: 422,
  source_undecodable: 422,
  source_not_found: 404,

  output_not_writable: 500,
  output_full: 507,
  transcode_failed: 500,
  transcode_stalled: 500,
  transcoder_crashed: 500,
  transcoder_out_of_memory: 500,
  transcoder_lost: 500,
  transcoder_missing: 500,
  confinement_unavailable: 500,
  launch_failed: 500,
  launch_deferred: 503,
  launch_uncertain: 503,
  launch_misconfigured: 500,
  transcoder_not_started: 500,
  interrupted: 503,
};

/** Reason phrases of RFC 9110 and RFC 6585 for the statuses above. */
const titles: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  416: "Range Not Satisfiable",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
  507: "Insufficient Storage",
};

export const httpStatus = (code: ErrorCode): number => statusOf[code];

/** The body that a client gets: RFC 9457 with our stable `code`; details such as `missingParts` stand beside it. */
export const toProblem = (error: SluiceError, requestId: string): Problem => {
  const status = statusOf[error.code];
  return {
    ...error.details,
    type: "about:blank",
    title: titles[status] ?? "Error",
    status,
    code: error.code,
    detail: error.message,
    requestId,
  };
};

/** `details.retryAfterSeconds` becomes the Retry-After header. */
export const problemResponse = (error: SluiceError, requestId: string): Response => {
  const problem = toProblem(error, requestId);
  const headers = new Headers({
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-request-id": requestId,
  });
  const retryAfter = error.details.retryAfterSeconds;
  if (typeof retryAfter === "number") {
    headers.set("retry-after", String(Math.ceil(retryAfter)));
  }
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
};

/** What Elysia hands to `onError`, as far as we look at it. */
type ElysiaFailure = { readonly code: string | number; readonly error: unknown };

/** Elysia's own failures in our words; what is unknown becomes `internal` and keeps its cause for the log. */
export const fromElysia = ({ code, error }: ElysiaFailure): SluiceError => {
  if (error instanceof SluiceError) {
    return error;
  }
  if (code === "NOT_FOUND") {
    return new SluiceError("not_found");
  }
  if (code === "PARSE") {
    const { cause } = error as { cause?: unknown };
    if (cause instanceof SluiceError) {
      return cause;
    }
    return new SluiceError("malformed_body", { cause: error });
  }
  if (code === "VALIDATION") {
    const { type, all } = error as { type?: string; all?: readonly unknown[] };
    // A wrong *response* is our bug and none of the client's business.
    return type === "response"
      ? new SluiceError("internal", { cause: error })
      : new SluiceError("validation_failed", {
          cause: error,
          details: { problems: fieldProblems(all) },
        });
  }
  return isConnectionFailure(error)
    ? new SluiceError("database_unavailable", { cause: error })
    : toSluiceError(error);
};

const fieldProblems = (all: readonly unknown[] = []): { field: string; message: string }[] =>
  all.map((entry) => {
    const { path = "", message = "", summary = "" } = entry as Record<string, string>;
    return { field: path.replace(/^\//, "").replaceAll("/", "."), message: message || summary };
  });
