import { isIP } from "node:net";

/** What tells the address of a connection; Bun's server. */
export type ConnectionTeller = {
  requestIP(request: Request): { readonly address: string } | null;
} | null;

/**
 * The address that a request comes from.
 * @param trustProxy number of reverse proxies in front whose `X-Forwarded-For` is believed. Each
 *   appends whom it saw, so the client is that many entries from the right; what stands left of it
 *   was sent by the client and is worth nothing.
 */
export const clientAddress = (
  request: Request,
  server: ConnectionTeller,
  trustProxy: number,
): string => {
  const direct = plain(server?.requestIP(request)?.address ?? "") ?? "unknown";
  if (trustProxy === 0) {
    return direct;
  }
  const forwarded = (request.headers.get("x-forwarded-for") ?? "").split(",");
  const entry = forwarded[Math.max(0, forwarded.length - trustProxy)];
  return plain(entry ?? "") ?? direct;
};

/** Without port, brackets and the IPv6 form of an IPv4 address; null when it is no address. */
const plain = (text: string): string | null => {
  const bare = text
    .trim()
    .replace(/^\[(.*)\](:\d+)?$/, "$1")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1")
    .replace(/^::ffff:(?=\d+\.)/i, "");
  return isIP(bare) ? bare.toLowerCase() : null;
};

/** What one party usually has: an IPv4 address, or a whole /64 of IPv6 (RFC 6177). */
export const network = (address: string): string => {
  if (isIP(address) !== 6) {
    return address;
  }
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail ? tail.split(":") : [];
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  const groups = tail === undefined ? left : [...left, ...zeros, ...right];
  return `${groups.slice(0, 4).join(":")}::/64`;
};
