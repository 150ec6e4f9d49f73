import { computed, signal } from "@preact/signals";
import type { UploadBody } from "../../http/schemas.ts";
import type { Api } from "../api/endpoints.ts";
import { sentenceOf } from "../api/problem.ts";
import { sendPart, waitOrOnline } from "./browser-transport.ts";
import type { ChosenFile } from "./choose-files.ts";
import { dropHandle, keepHandle, openKept, uploadsWithHandle } from "./file-handles.ts";
import { isSameFile } from "./plan.ts";
import { createSlots } from "./slots.ts";
import { addSample } from "./speed.ts";
import { PARALLEL_PARTS, transfer } from "./transfer.ts";
import { isMoving, type UploadItem } from "./upload-item.ts";
import { heldUploads, holdUpload } from "./upload-lock.ts";

/** Files under way at once; they share the parts' slots. */
const PARALLEL_FILES = 3;

/** Why a transfer was stopped on purpose. */
class Stopped extends Error {
  override readonly name = "Stopped";
}

/** The uploads of this tab, and those that an earlier visit left unfinished. */
export const createUploadStore = (api: Api) => {
  const items = signal<readonly UploadItem[]>([]);
  /** Counts completions; whoever lists videos looks again when it grows. */
  const completions = signal(0);
  const moving = computed(() => items.value.filter(isMoving));
  const files = createSlots(PARALLEL_FILES);
  const parts = createSlots(PARALLEL_PARTS);
  const running = new Map<string, AbortController>();

  const find = (key: string) => items.peek().find((item) => item.key === key);
  const change = (key: string, changes: Partial<UploadItem>): void => {
    items.value = items.value.map((item) => (item.key === key ? { ...item, ...changes } : item));
  };
  const remove = (key: string): void => {
    items.value = items.value.filter((item) => item.key !== key);
  };

  /** The upload as the server has it; started there first where it is new. */
  const begin = async ({ key, uploadId, chosen, fileName, sizeBytes }: UploadItem) => {
    if (uploadId !== null) {
      return await api.upload(uploadId);
    }
    const contentType = chosen?.file.type;
    const body = { fileName, sizeBytes, ...(contentType ? { contentType } : {}) };
    const { upload } = await api.startUpload(body, key);
    change(key, { uploadId: upload.id, videoId: upload.videoId });
    if (chosen?.handle) {
      await keepHandle(upload.id, chosen.handle);
    }
    return upload;
  };

  const send = async (key: string, file: File, signal: AbortSignal): Promise<void> => {
    const item = find(key);
    if (item === undefined) {
      return;
    }
    const upload = await begin(item);
    signal.throwIfAborted();
    if (upload.status === "completed") {
      return;
    }
    await holdUpload(upload.id, signal, async () => {
      change(key, { state: "sending" });
      await transfer({
        file,
        upload,
        signal,
        slots: parts,
        sign: (part) => api.signPart(upload.id, part),
        send: sendPart,
        complete: () => api.completeUpload(upload.id),
        wait: waitOrOnline,
        onProgress: (bytes) => {
          const meter = find(key)?.meter ?? [];
          change(key, {
            sentBytes: bytes,
            meter: addSample(meter, { atMs: performance.now(), bytes }),
          });
        },
        onFinishing: () => change(key, { state: "finishing" }),
      });
    });
  };

  const run = async (key: string): Promise<void> => {
    const chosen = find(key)?.chosen;
    if (!chosen || running.has(key)) {
      return;
    }
    const controller = new AbortController();
    running.set(key, controller);
    change(key, { state: "waiting", error: null, meter: [] });
    let giveBack: (() => void) | null = null;
    try {
      giveBack = await files.take(controller.signal);
      await send(key, chosen.file, controller.signal);
      const uploadId = find(key)?.uploadId;
      change(key, { state: "done", sentBytes: chosen.file.size });
      completions.value += 1;
      if (uploadId) {
        await dropHandle(uploadId);
      }
    } catch (error) {
      const onPurpose = controller.signal.reason instanceof Stopped;
      change(key, onPurpose ? { state: "paused" } : { state: "failed", error: sentenceOf(error) });
    } finally {
      giveBack?.();
      running.delete(key);
    }
  };

  const stop = (key: string): void => running.get(key)?.abort(new Stopped());

  /** Takes files in. One that matches an unfinished upload continues it. */
  const add = (chosen: readonly ChosenFile[]): void => {
    for (const one of chosen) {
      const unfinished = items
        .peek()
        .find((item) => item.state === "interrupted" && isSameFile(one.file, item));
      const item = unfinished ? { ...unfinished, chosen: one } : newItem(one);
      items.value = unfinished
        ? items.value.map((old) => (old === unfinished ? item : old))
        : [...items.value, item];
      void run(item.key);
    }
  };

  /** Continues an interrupted upload with this file; false when it is another file. */
  const continueWith = (key: string, chosen: ChosenFile): boolean => {
    const item = find(key);
    if (item === undefined || !isSameFile(chosen.file, item)) {
      return false;
    }
    change(key, { chosen });
    void run(key);
    return true;
  };

  /** Continues an interrupted upload from the browser's own memory of its file; false when that failed. */
  const reopen = async (key: string, ask: boolean): Promise<boolean> => {
    const uploadId = find(key)?.uploadId;
    const file = uploadId ? await openKept(uploadId, ask) : null;
    return file !== null && continueWith(key, { file, handle: null });
  };

  /** Asks the server for uploads of earlier visits. @throws ApiError */
  const loadUnfinished = async (): Promise<void> => {
    const [{ items: open }, kept, held] = await Promise.all([
      api.uploads(),
      uploadsWithHandle(),
      heldUploads(),
    ]);
    const known = new Set(items.peek().map((item) => item.uploadId));
    const found = open
      .filter((upload) => !known.has(upload.id) && !held.has(upload.id))
      .map((upload) => interruptedItem(upload, kept.has(upload.id)));
    items.value = [...items.value, ...found];
    // Where the permission lasts, nothing needs to be asked.
    await Promise.all(
      found.filter((item) => item.reopenable).map((item) => reopen(item.key, false)),
    );
  };

  /** Gives an upload up, here and on the server. @throws ApiError, and then it stays */
  const cancel = async (key: string): Promise<void> => {
    stop(key);
    const uploadId = find(key)?.uploadId;
    if (uploadId) {
      await api.cancelUpload(uploadId);
      await dropHandle(uploadId);
    }
    remove(key);
  };

  /** Forgets everything of this tab; on signing out. The server keeps what it has. */
  const clear = (): void => {
    for (const key of running.keys()) {
      stop(key);
    }
    items.value = [];
  };

  return {
    items,
    moving,
    completions,
    add,
    pause: stop,
    resume: (key: string) => void run(key),
    continueWith,
    reopen,
    loadUnfinished,
    cancel,
    dismiss: remove,
    clear,
  };
};

export type UploadStore = ReturnType<typeof createUploadStore>;

const newItem = (chosen: ChosenFile): UploadItem => ({
  key: crypto.getRandomValues(new Uint32Array(4)).join("-"),
  fileName: chosen.file.name,
  sizeBytes: chosen.file.size,
  state: "waiting",
  sentBytes: 0,
  meter: [],
  error: null,
  uploadId: null,
  videoId: null,
  chosen,
  reopenable: false,
});

const interruptedItem = (upload: UploadBody, reopenable: boolean): UploadItem => ({
  key: upload.id,
  fileName: upload.fileName,
  sizeBytes: upload.sizeBytes,
  state: "interrupted",
  sentBytes: upload.receivedBytes,
  meter: [],
  error: null,
  uploadId: upload.id,
  videoId: upload.videoId,
  chosen: null,
  reopenable,
});
