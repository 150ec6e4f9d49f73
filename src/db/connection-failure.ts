/**
 * How a database that cannot be reached shows: what the network says (errno), what postgres.js says
 * of its connections, and what PostgreSQL says while it starts, ends, or has no connection left
 * (PostgreSQL documentation, appendix A, classes 53 and 57).
 */
const CODES = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "53300",
  "57P01",
  "57P02",
  "57P03",
]);

/** Whether a query failed because the database was not there, and may work a little later. */
export const isConnectionFailure = (thrown: unknown): boolean => {
  if (!(thrown instanceof Error)) {
    return false;
  }
  const { code } = thrown as { code?: unknown };
  return (typeof code === "string" && CODES.has(code)) || isConnectionFailure(thrown.cause);
};
