import { openapi } from "@elysiajs/openapi";
import { Elysia } from "elysia";
import stylePath from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import scriptPath from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import { version } from "../version.ts";

const SPEC_PATH = "/openapi/json";

/** What the groups of routes are, in the order in which a newcomer needs them. */
const tags = [
  { name: "Accounts", description: "Sign up, sign in, sessions." },
  { name: "Uploads", description: "Part by part, straight to signed addresses, resumable." },
  { name: "Videos", description: "Status, titles, visibility, playback." },
  { name: "Health", description: "For load balancers and monitors." },
];

/** The OpenAPI description at `/openapi/json`, made from the routes' own schemas. */
const description = (publicUrl: string) =>
  openapi({
    path: "/openapi",
    specPath: SPEC_PATH,
    provider: null,
    documentation: {
      info: {
        title: "Sluice",
        version,
        description:
          "Upload a video, watch it minutes later as adaptive DASH and HLS. Errors are problem+json (RFC 9457) with a stable `code`. Sign in with `POST /auth/login`; browsers get cookies, others a token for `Authorization: Bearer`.",
      },
      servers: [{ url: publicUrl }],
      tags,
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
          cookie: { type: "apiKey", in: "cookie", name: "access_token" },
        },
      },
      security: [{ bearer: [] }, { cookie: [] }],
    },
  });

type Described = {
  readonly paths: Record<string, Record<string, Operation>>;
};
type Operation = {
  requestBody?: { content: Record<string, unknown> };
  responses: Record<string, { content?: Record<string, unknown> }>;
};

/** What the generator gets wrong: our bodies are JSON and no forms, and an answer without content has none. */
const corrected = (document: Described): Described => {
  for (const operation of Object.values(document.paths).flatMap(Object.values<Operation>)) {
    const body = operation.requestBody;
    if (body && "application/json" in body.content) {
      body.content = { "application/json": body.content["application/json"] };
    }
    for (const answer of Object.values(operation.responses)) {
      if (answer.content && "type" in answer.content) {
        delete answer.content;
      }
    }
  }
  return document;
};

// No inline script: the content security policy holds here too.
const DOCUMENT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sluice API</title>
<link rel="stylesheet" href="/openapi/ui.css">
<div id="ui"></div>
<script src="/openapi/ui.js"></script>
<script src="/openapi/start.js"></script>
</html>`;
const START = `SwaggerUIBundle({ url: "${SPEC_PATH}", dom_id: "#ui", deepLinking: true });`;

const answer = (body: Blob | string, contentType: string): Response =>
  new Response(body, {
    headers: { "content-type": contentType, "cache-control": "public, max-age=3600" },
  });

/** The description, and Swagger UI for people at `/openapi`; every file comes from this server. */
export const openApiRoutes = (publicUrl: string) =>
  new Elysia({ name: "openapi", detail: { hide: true } })
    .onAfterHandle(({ path, responseValue }) =>
      path === SPEC_PATH ? corrected(responseValue as Described) : undefined,
    )
    .use(description(publicUrl))
    .get("/openapi", () => answer(DOCUMENT, "text/html; charset=utf-8"))
    .get("/openapi/start.js", () => answer(START, "text/javascript"))
    .get("/openapi/ui.js", () => answer(Bun.file(scriptPath), "text/javascript"))
    .get("/openapi/ui.css", () => answer(Bun.file(stylePath), "text/css"));
