import { dlopen, FFIType } from "bun:ffi";

/** The alarm is wound again this often while the event loop turns. */
const WIND_INTERVAL_MS = 2_000;

/** Never sooner than this, in seconds: winding may come late on a machine that is busy. */
const LEAST_SECONDS = 10;

/**
 * Ends the process by SIGALRM when its event loop has stood still for `seconds` (at least 10): a native call that
 * does not return on the main thread takes every timer with it, but not the kernel's alarm clock.
 * The launcher sees a transcoder that ended by a signal. Does nothing where the C library cannot be
 * reached. Dispose it when the work has ended.
 */
export const startEventLoopAlarm = (seconds: number): Disposable => {
  const alarm = openAlarm();
  if (alarm === null) return { [Symbol.dispose]: () => {} };
  const wind = () => alarm(Math.max(LEAST_SECONDS, Math.ceil(seconds)));
  wind();
  const timer = setInterval(wind, WIND_INTERVAL_MS);
  timer.unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      alarm(0);
    },
  };
};

const openAlarm = (): ((seconds: number) => void) | null => {
  const library = process.platform === "darwin" ? "libSystem.B.dylib" : "libc.so.6";
  try {
    const { symbols } = dlopen(library, { alarm: { args: [FFIType.u32], returns: FFIType.u32 } });
    return (seconds) => symbols.alarm(seconds);
  } catch {
    return null;
  }
};
