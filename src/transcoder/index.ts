import { EXIT } from "./exit-codes.ts";
import { restartWithRuntimeSettings } from "./runtime-settings.ts";

if (import.meta.main) {
  try {
    restartWithRuntimeSettings(process.env);
  } catch (thrown) {
    console.error(`transcoder: ${thrown instanceof Error ? thrown.message : thrown}`);
    process.exit(EXIT.badSettings);
  }
  // Loaded only now: the native binding is 175 MB, and the restart would load it twice.
  const { runCommandLine } = await import("./command-line.ts");
  process.exit(await runCommandLine(process.argv.slice(2), process.env));
}
