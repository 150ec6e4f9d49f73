import { expect, test } from "bun:test";
import { join } from "node:path";
import { errorCatalogue } from "../../../src/errors.ts";
import { REFUSALS } from "../../../src/transcoder/refusals.ts";

test("the table of refusals holds every code that is the source's fault, and docs/sources.md shows it", async () => {
  const faults: string[] = Object.entries(errorCatalogue)
    .filter(([, { fault }]) => fault === "source")
    .map(([code]) => code);
  const listed: string[] = REFUSALS.map(({ code }) => code);
  expect(listed.sort()).toEqual(faults.sort());
  const text = await Bun.file(join(import.meta.dir, "../../../docs/sources.md")).text();
  const rows = text.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  for (const { code, when } of REFUSALS) {
    expect(rows.find((cells) => cells[1] === `\`${code}\``)?.[2]).toBe(when);
  }
});
