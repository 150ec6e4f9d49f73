import { Type } from "@sinclair/typebox";

/** The database. */
export const databaseSettings = {
  DATABASE_URL: Type.Optional(
    Type.String({
      format: "url",
      pattern: "^postgres(ql)?://",
      description:
        "PostgreSQL server, for example postgres://user:password@host:5432/sluice. Without it an embedded database in DATA_DIR is used.",
    }),
  ),
  DATABASE_CONNECTIONS: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 1000,
    description: "Size of the connection pool; PostgreSQL only.",
  }),
};
