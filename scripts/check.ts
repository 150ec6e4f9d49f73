/**
 * The fast loop, `bun run check`: format, lint and boundaries, types, unit and contract tests. Everything runs, and
 * what failed is named at the end, so that one run shows all there is to mend.
 */
const steps: readonly { name: string; command: readonly string[] }[] = [
  { name: "format, lint, boundaries", command: ["node_modules/.bin/biome", "check", "."] },
  { name: "types", command: ["node_modules/.bin/tsc", "--noEmit"] },
  {
    name: "unit and contract tests",
    command: [process.execPath, "test", "--timeout", "120000", "tests/unit", "tests/contract"],
  },
];

const startedMs = performance.now();
const failed: string[] = [];
for (const { name, command } of steps) {
  const stepMs = performance.now();
  const child = Bun.spawn([...command], { stdout: "inherit", stderr: "inherit" });
  const ok = (await child.exited) === 0;
  console.log(
    `${ok ? "ok" : "FAILED"}: ${name} (${((performance.now() - stepMs) / 1000).toFixed(1)} s)`,
  );
  if (!ok) {
    failed.push(name);
  }
}
console.log(
  failed.length === 0
    ? `All green in ${((performance.now() - startedMs) / 1000).toFixed(1)} s.`
    : `Failed: ${failed.join("; ")}.`,
);
process.exit(failed.length === 0 ? 0 : 1);
