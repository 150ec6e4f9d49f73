import { expect, test } from "bun:test";
import { Elysia } from "elysia";
import { loadApiConfig } from "../../../src/config.ts";
import { publicRoutes, type RouteParts } from "../../../src/http/routes.ts";
import { deriveKeys } from "../../../src/keys.ts";

type Operation = {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly requestBody?: { readonly content: object };
  readonly responses: Record<string, { description?: string; content?: object }>;
};

/** The one body that is no JSON. */
const FILE_TYPES = ["text/vtt", "application/x-subrip", "application/octet-stream"];

/** No route is called, so what they would work with stays shut. */
const parts = {
  config: loadApiConfig({}),
  keys: deriveKeys("a secret for tests that is long enough"),
  database: {},
  identity: {},
  partReceiver: null,
} as unknown as RouteParts;
const app = publicRoutes(parts, []).reduce((whole, plugin) => whole.use(plugin), new Elysia());

const described = async () =>
  await (await app.handle(new Request("http://127.0.0.1:3000/openapi/json"))).json();

test("every route is described: group, summary, answers, and problems as problem+json", async () => {
  const document = await described();
  const groups = document.tags.map((tag: { name: string }) => tag.name);
  const operations = Object.values<Record<string, Operation>>(document.paths).flatMap(
    Object.values<Operation>,
  );
  expect(operations.length).toBeGreaterThan(25);
  expect(document.components.schemas.Problem.properties).toHaveProperty("code");
  expect(Object.keys(document.paths)).toContain("/videos");
  for (const { tags = [], summary, requestBody, responses } of operations) {
    expect(tags).toHaveLength(1);
    expect(groups).toContain(tags[0]);
    expect(summary).toBeTruthy();
    const types = summary === "Add a subtitle file" ? FILE_TYPES : ["application/json"];
    expect(requestBody ? Object.keys(requestBody.content) : []).toEqual(requestBody ? types : []);
    expect(Object.keys(responses).some((status) => status.startsWith("2"))).toBe(true);
    expect(responses).toHaveProperty("default");
    for (const [status, { description, content }] of Object.entries(responses)) {
      expect(description).toBeTruthy();
      if (!status.startsWith("2")) {
        expect(Object.keys(content ?? {})).toEqual(["application/problem+json"]);
      }
    }
  }
});

test("the description is the same each time it is asked for", async () => {
  expect(await described()).toEqual(await described());
});
