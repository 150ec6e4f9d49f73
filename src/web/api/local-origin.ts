/** Names under which a machine reaches itself. */
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * The address as this page may call it. Signed addresses carry the server's public URL; a page that
 * was opened under another name of the same machine (localhost for 127.0.0.1) would be another
 * origin to them, and the content security policy would refuse it.
 */
export const onThisOrigin = (address: string, pageOrigin: string): string => {
  const url = new URL(address, pageOrigin);
  const page = new URL(pageOrigin);
  const sameServer =
    url.protocol === page.protocol &&
    url.port === page.port &&
    LOOPBACK.has(url.hostname) &&
    LOOPBACK.has(page.hostname);
  return sameServer ? page.origin + url.pathname + url.search : url.href;
};
