import { api } from "./session.ts";
import { createUploadStore } from "./uploads/upload-store.ts";

/** The one upload store of this tab; it outlives pages, so that uploads go on while people look around. */
export const uploads = createUploadStore(api);
