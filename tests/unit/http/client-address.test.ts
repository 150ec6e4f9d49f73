import { expect, test } from "bun:test";
import { clientAddress, network } from "../../../src/http/client-address.ts";

const asked = (forwarded: string | null, trustProxy: number, address = "203.0.113.9") =>
  clientAddress(
    new Request("http://localhost/", {
      headers: forwarded === null ? {} : { "x-forwarded-for": forwarded },
    }),
    { requestIP: () => ({ address }) },
    trustProxy,
  );

test("without proxies the connection counts, whatever the header says", () => {
  expect(asked("198.51.100.1", 0)).toBe("203.0.113.9");
  expect(asked(null, 0, "::ffff:203.0.113.9")).toBe("203.0.113.9");
});

test("with n proxies the n-th entry from the right counts; what stands left of it was made up", () => {
  expect(asked("6.6.6.6, 198.51.100.1", 1)).toBe("198.51.100.1");
  expect(asked("6.6.6.6, 198.51.100.1, 10.0.0.2", 2)).toBe("198.51.100.1");
  expect(asked("198.51.100.1", 3)).toBe("198.51.100.1");
});

test("ports and brackets are dropped; nonsense falls back to the connection", () => {
  expect(asked("198.51.100.1:4711", 1)).toBe("198.51.100.1");
  expect(asked("[2001:DB8::1]:4711", 1)).toBe("2001:db8::1");
  expect(asked("unknown", 1)).toBe("203.0.113.9");
  expect(asked(null, 1)).toBe("203.0.113.9");
});

test("an IPv6 customer is a /64, an IPv4 one an address", () => {
  expect(network("198.51.100.1")).toBe("198.51.100.1");
  expect(network("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(network("2001:db8:1:2::9")).toBe(network("2001:db8:1:2:ffff::1"));
  expect(network("2001:db8::1")).toBe("2001:db8:0:0::/64");
  expect(network("::1")).toBe("0:0:0:0::/64");
});
