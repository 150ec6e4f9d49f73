import { dlopen, FFIType, read } from "bun:ffi";

const { i32, i64, ptr, u64 } = FFIType;

/** The few calls that shut a process in; `syscall` takes numbers and addresses alike. */
const open = () =>
  dlopen("libc.so.6", {
    syscall: { args: [i64, u64, u64, u64, u64, u64], returns: i64 },
    prctl: { args: [i32, u64, u64, u64, u64], returns: i32 },
    getrlimit: { args: [i32, ptr], returns: i32 },
    setrlimit: { args: [i32, ptr], returns: i32 },
    __errno_location: { args: [], returns: ptr },
  });

let opened: ReturnType<typeof open> | undefined;

/** glibc of this process. @throws where the system or its C library is another */
export const libc = () => {
  opened ??= open();
  return opened.symbols;
};

/** Number of the last failure (errno(3)); to be asked for right after a call. */
export const errno = (): number => {
  const address = libc().__errno_location();
  return address === null ? 0 : read.i32(address, 0);
};
