import { dlopen, FFIType, ptr } from "bun:ffi";

/** Where a compiled executable's own files appear to lie; its arguments start after that path. */
const EMBEDDED_ROOT = "/$bunfs/";

/**
 * Replaces this process by a fresh run of the same program with the same arguments: `execve(2)`, so
 * that process id, terminal, parent and open pipes stay. To be called before anything else was
 * started. Returns only where it is not possible (another system than Linux, or the call failed).
 */
export const replaceProcess = (environment: Readonly<Record<string, string | undefined>>): void => {
  if (process.platform !== "linux") return;
  try {
    const libc = dlopen("libc.so.6", {
      execve: { args: [FFIType.ptr, FFIType.ptr, FFIType.ptr], returns: FFIType.i32 },
    });
    const variables = Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${value}`],
    );
    libc.symbols.execve(
      Buffer.from(`${process.execPath}\0`),
      stringVector([process.execPath, ...programArguments()]),
      stringVector(variables),
    );
  } catch {
    // Another C library: the program goes on as it is.
  }
};

const programArguments = (): string[] =>
  Bun.main.startsWith(EMBEDDED_ROOT)
    ? process.argv.slice(2)
    : [...process.execArgv, ...process.argv.slice(1)];

const POINTER_BYTES = 8;

/** A null-terminated array of pointers to strings, with the strings behind it in the same block. */
const stringVector = (texts: readonly string[]): Buffer => {
  const pointersEnd = POINTER_BYTES * (texts.length + 1);
  const strings = Buffer.from(texts.map((text) => `${text}\0`).join(""));
  const block = Buffer.alloc(pointersEnd + strings.length);
  strings.copy(block, pointersEnd);
  let address = BigInt(ptr(block)) + BigInt(pointersEnd);
  texts.forEach((text, index) => {
    block.writeBigUInt64LE(address, POINTER_BYTES * index);
    address += BigInt(Buffer.byteLength(text) + 1);
  });
  return block;
};
