import { restartWithRuntimeSettings } from "./runtime-settings.ts";

if (import.meta.main) {
  restartWithRuntimeSettings(process.env);
  // Loaded only now: the native binding is 175 MB, and the restart would load it twice.
  const { runCommandLine } = await import("./command-line.ts");
  process.exit(await runCommandLine(process.argv.slice(2), process.env));
}
