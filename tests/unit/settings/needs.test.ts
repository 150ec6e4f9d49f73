import { describe, expect, test } from "bun:test";
import { unmetNeeds } from "../../../src/settings/needs.ts";

const table = [
  { setting: "STORAGE", value: "far", needs: ["BUCKET", "REGION"] },
  { setting: "DATABASE_URL", needs: ["SECRET"], advice: "make one." },
];
const known = ["STORAGE", "BUCKET", "REGION", "DATABASE_URL", "SECRET"];

describe("settings that others make necessary", () => {
  test("every missing one is named with the setting that asks for it", () => {
    expect(unmetNeeds({ STORAGE: "far", DATABASE_URL: "x" }, known, table)).toEqual([
      "BUCKET: required with STORAGE=far; set it.",
      "REGION: required with STORAGE=far; set it.",
      "SECRET: required with DATABASE_URL; make one.",
    ]);
  });

  test("another value, or a setting that this process does not have, asks for nothing", () => {
    expect(unmetNeeds({ STORAGE: "near" }, known, table)).toEqual([]);
    expect(unmetNeeds({ STORAGE: "far" }, ["STORAGE", "BUCKET"], table)).toEqual([
      "BUCKET: required with STORAGE=far; set it.",
    ]);
  });

  test("a need of two settings together holds for just these values", () => {
    const together = (values: Record<string, string>) =>
      unmetNeeds(values, ["IDENTITY", "SIGN_UP", "COGNITO_CLIENT_SECRET"]);
    expect(together({ IDENTITY: "cognito", SIGN_UP: "closed" })).toEqual([
      expect.stringContaining(
        "COGNITO_CLIENT_SECRET: required with SIGN_UP=closed and IDENTITY=cognito;",
      ),
    ]);
    expect(together({ IDENTITY: "cognito", SIGN_UP: "invitation" })).toHaveLength(1);
    expect(together({ IDENTITY: "cognito", SIGN_UP: "open" })).toEqual([]);
    expect(together({ IDENTITY: "local", SIGN_UP: "closed" })).toEqual([]);
  });
});
