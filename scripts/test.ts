/**
 * Runs every test: `bun run test:all`. Installs the system packages that the tests drive (a browser, an
 * independent FFmpeg, a schema validator, a builder of images) where it may; else prints the one line to run and stops.
 */
const systemPackages: readonly { commands: readonly string[]; package: string }[] = [
  // Ubuntu's package of that name is a snap, so any Chromium or Chrome that is there will do.
  {
    commands: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    package: "chromium",
  },
  { commands: ["ffmpeg"], package: "ffmpeg" },
  { commands: ["xmllint"], package: "libxml2-utils" },
  // Debian keeps what a virtual environment needs in a package of its own.
  { commands: ["python3"], package: "python3-venv" },
  // The container images are built and run.
  { commands: ["buildah"], package: "buildah" },
  { commands: ["podman"], package: "podman" },
  { commands: ["runc", "crun"], package: "runc" },
];

const run = async (command: readonly string[]): Promise<boolean> => {
  console.log(`\n$ ${command.join(" ")}`);
  const child = Bun.spawn([...command], { stdout: "inherit", stderr: "inherit", stdin: "ignore" });
  return (await child.exited) === 0;
};

/** The same, with what it prints kept together until it has ended. */
const runAside = async (command: readonly string[]): Promise<boolean> => {
  const child = Bun.spawn([...command], { stdout: "pipe", stderr: "pipe", stdin: "ignore" });
  const [exitCode, ...printed] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  console.log(`\n$ ${command.join(" ")}\n${printed.join("")}`);
  return exitCode === 0;
};

const ensureSystemPackages = async (): Promise<void> => {
  const missing = systemPackages.filter(({ commands }) =>
    commands.every((command) => Bun.which(command) === null),
  );
  if (missing.length === 0) {
    return;
  }
  const names = missing.map((entry) => entry.package);
  const install = ["apt-get", "install", "-y", "--no-install-recommends", ...names];
  const mayInstall = process.getuid?.() === 0 && Bun.which("apt-get") !== null;
  const installed = mayInstall && (await run(["apt-get", "update"])) && (await run(install));
  if (!installed) {
    console.error(
      `The tests need ${names.join(" and ")}. Run this once, then start them again:\n  sudo apt-get update && sudo ${install.join(" ")}`,
    );
    process.exit(1);
  }
};

await ensureSystemPackages();
const bun = process.execPath;
/**
 * Bun gives a test five seconds, which a busy machine takes for starting a process or two. This only
 * ends what hangs: no test proves a speed by it.
 */
const test = [bun, "test", "--timeout", "120000"];
/** One level after the other; what stands in one level runs side by side, because one of the two mostly waits. */
const levels: readonly (readonly (readonly string[])[])[] = [
  [[bun, "scripts/check.ts"]],
  [[...test, "tests/integration", "tests/conformance", "tests/hostile"]],
  [[bun, "scripts/build.ts"]],
  [[...test, "tests/e2e"]],
  [
    [...test, "tests/aws"],
    [...test, "tests/images"],
  ],
];
for (const level of levels) {
  const passed = await Promise.all(
    level.map((command, index) => (index === 0 ? run(command) : runAside(command))),
  );
  const failed = level.filter((_, index) => passed[index] !== true);
  if (failed.length > 0) {
    const names = failed.map((command) => command.slice(1).join(" "));
    console.error(`\nFailed: ${names.join("; ")}`);
    process.exit(1);
  }
}
console.log("\nAll tests passed.");
