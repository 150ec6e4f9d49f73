import type { Problem } from "../../http/schemas.ts";

const UNREACHABLE = "The server cannot be reached; check the connection and try again.";
const UNEXPECTED = "The server gave an answer that was not expected; try again in a moment.";

type Details = {
  /** Seconds the server asks to wait, where it does. */
  readonly retryAfterSeconds: number | null;
  /** Messages by field name, of `validation_failed`. */
  readonly fields: Readonly<Record<string, string>>;
  /** Parts still to be sent, of `upload_incomplete`. */
  readonly missingParts: readonly number[];
};
const NO_DETAILS: Details = { retryAfterSeconds: null, fields: {}, missingParts: [] };

/** An answer that was not a success: the server's problem+json, or our own words where there is none. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The server's stable code; `unreachable` and `unexpected` are the page's own. */
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly details: Details;

  constructor(
    code: string,
    status: number,
    message: string,
    options: { details?: Details; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = status;
    this.details = options.details ?? NO_DETAILS;
  }
}

export const unreachable = (cause?: unknown): ApiError =>
  new ApiError("unreachable", 0, UNREACHABLE, { cause });

/**
 * Reads a failed answer. `text` is its body; proxies in between answer in other formats, so
 * nothing about it is taken for granted.
 */
export const problemFrom = (
  status: number,
  text: string,
  retryAfter: string | null = null,
): ApiError => {
  const problem = parseProblem(text);
  const seconds = Number(retryAfter);
  return new ApiError(
    problem.code ?? "unexpected",
    status,
    problem.detail ?? problem.title ?? UNEXPECTED,
    {
      details: {
        retryAfterSeconds: retryAfter !== null && Number.isFinite(seconds) ? seconds : null,
        fields: Object.fromEntries(
          (problem.problems ?? []).map(({ field, message }) => [fieldName(field), message]),
        ),
        missingParts: problem.missingParts ?? [],
      },
    },
  );
};

/** `/password` and `body.password` both mean the form's `password`. */
const fieldName = (field: string): string => field.split(/[/.]/).at(-1) ?? field;

const parseProblem = (text: string): Partial<Problem> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
};

/** The sentence to show for anything that was thrown. */
export const sentenceOf = (thrown: unknown): string =>
  thrown instanceof ApiError ? thrown.message : UNEXPECTED;

/** Whether `thrown` carries this code. */
export const hasCode = (thrown: unknown, code: string): boolean =>
  thrown instanceof ApiError && thrown.code === code;
