import { posix } from "node:path";

/** The file that a relative address in `from` means, relative to the presentation; null when it leads outside. */
export const resolvePath = (from: string, address: string): string | null => {
  if (/^[a-z][a-z0-9+.-]*:|^\/|[?#]/i.test(address)) return null;
  const path = posix.join(posix.dirname(from), decodeAddress(address));
  return path.startsWith("..") ? null : path;
};

const decodeAddress = (address: string): string => {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
};
