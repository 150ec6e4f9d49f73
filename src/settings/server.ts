import { Type } from "@sinclair/typebox";
import { oneOf } from "./one-of.ts";

/** Signing and logging, of every process. */
export const processSettings = {
  SLUICE_SECRET: Type.Optional(
    Type.String({
      minLength: 32,
      description:
        "At least 32 random characters (openssl rand -hex 32); every signing key is derived from it. Required with DATABASE_URL; otherwise made once and kept in DATA_DIR.",
    }),
  ),
  LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "silent"], {
    default: "info",
    description: "Least severe level that is logged: trace, debug, info, warn, error or silent.",
  }),
};

/** Where the api listens and how it is reached; the api's alone. */
export const serverSettings = {
  HOST: Type.String({
    default: "127.0.0.1",
    minLength: 1,
    description: "Address to listen on; 0.0.0.0 for all.",
  }),
  PORT: Type.Integer({
    default: 3000,
    minimum: 1,
    maximum: 65535,
    description: "Port of the page and the API.",
  }),
  INTERNAL_HOST: Type.String({
    default: "127.0.0.1",
    minLength: 1,
    description: "Address that the internal port listens on.",
  }),
  PUBLIC_URL: Type.Optional(
    Type.String({
      format: "url",
      pattern: "^https?://",
      description:
        "Address that people type, for example https://video.example.org. https makes the cookies Secure. Required unless HOST is this machine alone; then http://HOST:PORT.",
    }),
  ),
  TRUST_PROXY: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 10,
    description:
      "Number of reverse proxies in front whose X-Forwarded-For is believed; 0 takes the connection's address.",
  }),
};
