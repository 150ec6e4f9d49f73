/**
 * Handles of the files being uploaded, kept in IndexedDB where the browser gives them out, so that
 * an upload goes on after a reload without choosing the file again. Nothing here is needed: each
 * function does nothing useful, and harms nothing, where the browser has no such handles.
 */
const DATABASE = "sluice-uploads";
const STORE = "handles";

/** Not in TypeScript's DOM library: File System Access, Chromium only. */
type PermissionedHandle = FileSystemFileHandle & {
  queryPermission?: (options: { mode: "read" }) => Promise<PermissionState>;
  requestPermission?: (options: { mode: "read" }) => Promise<PermissionState>;
};

const open = (): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const withStore = async <T>(
  mode: IDBTransactionMode,
  use: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | null> => {
  try {
    const database = await open();
    try {
      return await new Promise<T>((resolve, reject) => {
        const request = use(database.transaction(STORE, mode).objectStore(STORE));
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    } finally {
      database.close();
    }
  } catch {
    // Private windows and full disks refuse; then the file has to be chosen again, no more.
    return null;
  }
};

export const keepHandle = async (uploadId: string, handle: FileSystemFileHandle): Promise<void> => {
  await withStore("readwrite", (store) => store.put(handle, uploadId));
};

export const dropHandle = async (uploadId: string): Promise<void> => {
  await withStore("readwrite", (store) => store.delete(uploadId));
};

/** Uploads whose file can be opened again. */
export const uploadsWithHandle = async (): Promise<ReadonlySet<string>> =>
  new Set((await withStore("readonly", (store) => store.getAllKeys()))?.map(String));

/**
 * The file of an upload, or null. With `ask`, which needs a click, the browser may ask for
 * permission; without, only what is permitted already is opened.
 */
export const openKept = async (uploadId: string, ask: boolean): Promise<File | null> => {
  const handle = await withStore<PermissionedHandle | undefined>("readonly", (store) =>
    store.get(uploadId),
  );
  if (!handle) {
    return null;
  }
  try {
    const state = ask
      ? await handle.requestPermission?.({ mode: "read" })
      : await handle.queryPermission?.({ mode: "read" });
    return state === "granted" ? await handle.getFile() : null;
  } catch {
    // Moved, deleted or refused: choosing it again is the way.
    return null;
  }
};
