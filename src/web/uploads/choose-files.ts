/** A file, and its handle where the browser gives one out. */
export type ChosenFile = { readonly file: File; readonly handle: FileSystemFileHandle | null };

export const fromList = (files: Iterable<File>): ChosenFile[] =>
  [...files].map((file) => ({ file, handle: null }));

/** Not in TypeScript's DOM library: File System Access, Chromium only. */
type PickerWindow = {
  showOpenFilePicker?: (options: { multiple: boolean }) => Promise<FileSystemFileHandle[]>;
};
type HandleItem = DataTransferItem & {
  getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
};

/** Opens the browser's file picker with handles; null where there is none, or it does not work here. */
export const pickWithHandles = async (multiple: boolean): Promise<ChosenFile[] | null> => {
  const { showOpenFilePicker } = window as PickerWindow;
  if (showOpenFilePicker === undefined) {
    return null;
  }
  try {
    const handles = await showOpenFilePicker.call(window, { multiple });
    return await Promise.all(
      handles.map(async (handle) => ({ file: await handle.getFile(), handle })),
    );
  } catch (error) {
    // AbortError: closed without choosing. Anything else: fall back to the plain picker.
    return error instanceof DOMException && error.name === "AbortError" ? [] : null;
  }
};

/** The dropped files. Folders are left out. Must be called within the drop event itself. */
export const fromDrop = async (transfer: DataTransfer): Promise<ChosenFile[]> => {
  const chosen = await Promise.all(
    [...transfer.items]
      .filter(({ kind }) => kind === "file")
      .map((item: HandleItem) => fromItem(item.getAsFile(), item.getAsFileSystemHandle?.())),
  );
  return chosen.flatMap((one) => one ?? []);
};

const fromItem = async (
  file: File | null,
  pending: Promise<FileSystemHandle | null> | undefined,
): Promise<ChosenFile | null> => {
  const handle = (await pending?.catch(() => null)) ?? null;
  if (handle?.kind === "directory" || file === null) {
    return null;
  }
  return { file, handle: handle instanceof FileSystemFileHandle ? handle : null };
};
