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
});
