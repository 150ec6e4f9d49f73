import { openapi } from "@elysiajs/openapi";
import { Elysia } from "elysia";
import stylePath from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import scriptPath from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import { version } from "../version.ts";
import { Problem } from "./schemas.ts";

const SPEC_PATH = "/openapi/json";

/** What the groups of routes are, in the order in which a newcomer needs them. */
const tags = [
  { name: "Accounts", description: "Sign up, sign in, sessions." },
  { name: "Uploads", description: "Part by part, straight to signed addresses, resumable." },
  { name: "Videos", description: "Status, titles, visibility, playback." },
  { name: "Subtitles", description: "Subtitles and captions, of the file and added to it." },
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
  readonly components?: { schemas?: Record<string, unknown> };
};
type Operation = {
  readonly security?: readonly unknown[];
  requestBody?: { content: Record<string, unknown> };
  responses?: Record<string, Answer>;
};
type Answer = { description?: string; content?: Record<string, unknown> };

/** The answer to a request that failed in one of these ways. */
const problem = (description: string): Answer => ({
  description,
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
});

/** How any request of that kind can fail, by status; routes name what else can happen to theirs. */
const usualProblems = (path: string, operation: Operation): Record<string, Answer> => ({
  ...(operation.requestBody && {
    400: problem("The body is no JSON, or a code or cursor in the request is not valid."),
    413: problem("The body, or what it asks for, is too large."),
  }),
  ...(operation.security?.length !== 0 && {
    401: problem("Nobody is signed in, or the session has ended."),
  }),
  ...(path.includes("{") && { 404: problem("There is no such thing, or you may not see it.") }),
  ...((operation.requestBody || path.includes("{")) && {
    422: problem("Some fields are missing or have a wrong value; see `problems`."),
  }),
  default: problem("Any other failure; `code` tells which."),
});

/**
 * What the generator gets wrong: our bodies are JSON and no forms, an answer without content has
 * none, and failures are problem+json, on every route. Doing it twice changes nothing.
 */
const corrected = (document: Described): Described => {
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const operation of Object.values(operations)) {
      const body = operation.requestBody;
      if (body && "application/json" in body.content) {
        body.content = { "application/json": body.content["application/json"] };
      }
      const usual = usualProblems(path, operation);
      const own = Object.entries(operation.responses ?? {}).map(([status, answer]) => [
        status,
        Number(status) >= 400
          ? (usual[status] ?? problem(STATUS_TITLES[status] ?? "Refused."))
          : withoutEmptyContent(answer),
      ]);
      operation.responses = { ...usual, ...Object.fromEntries(own) };
    }
  }
  const paths = Object.fromEntries(
    // Both are answered; people write it without the slash.
    Object.entries(document.paths).map(([path, operations]) => [
      path.replace(/(?<=.)\/$/, ""),
      operations,
    ]),
  );
  const schemas = { ...document.components?.schemas, Problem };
  return { ...document, paths, components: { ...document.components, schemas } };
};

/** What a refusal by these statuses means on the routes that name them. */
const STATUS_TITLES: Record<string, string> = {
  403: "Not allowed.",
  409: "Not possible in this state.",
  429: "Too many attempts; wait for the time given in `Retry-After`.",
};

const withoutEmptyContent = ({ content, ...answer }: Answer): Answer =>
  content === undefined || "type" in content ? answer : { ...answer, content };

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
