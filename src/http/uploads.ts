import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Identity } from "../identity/index.ts";
import type { Queue } from "../queue/index.ts";
import { cleanTitle, titleFromFileName } from "../videos/title.ts";
import {
  openUploads,
  ownUpload,
  signUploadParts,
  startUpload,
  type UploadContext,
} from "../videos/upload.ts";
import { cancelUpload, completeUpload } from "../videos/upload-end.ts";
import { authentication } from "./authentication.ts";
import { idempotently } from "./idempotency.ts";
import { jsonBodies } from "./json-body.ts";
import type { MediaAddresses } from "./media-address.ts";
import {
  PartsRequest,
  SignedParts,
  UploadBody,
  UploadList,
  UploadStart,
  UploadStarted,
  VideoBody,
} from "./schemas.ts";
import { signedPartBody, uploadBody } from "./upload-body.ts";
import { videoBody } from "./video-body.ts";

export type UploadRoutesContext = UploadContext & {
  readonly queue: Queue;
  readonly identity: Identity;
  readonly addresses: MediaAddresses;
};

const params = Type.Object({ id: Type.String({ format: "uuid" }) });
const Nothing = Type.Void({ description: "Done." });
const UNKNOWN_TYPE = "application/octet-stream";

/** Uploads in parts: start, send the parts to signed addresses, complete. */
export const uploadRoutes = (context: UploadRoutesContext) => {
  const { database, storage, identity, addresses } = context;
  const { queries } = database;
  const key = (principal: { userId: string }, id: string) => ({
    uploadId: id,
    ownerId: principal.userId,
  });
  return new Elysia({ name: "uploads", prefix: "/uploads", detail: { tags: ["Uploads"] } })
    .guard(jsonBodies)
    .use(authentication(identity))
    .post(
      "/",
      async ({ body, principal, request, set }) => {
        const call = {
          userId: principal.userId,
          key: request.headers.get("idempotency-key"),
          method: "POST",
          path: "/uploads",
          body,
          status: 201,
        };
        const { answer, replayed } = await idempotently(queries, call, async () => {
          const { upload, video, parts } = await startUpload(context, {
            ownerId: principal.userId,
            fileName: cleanTitle(body.fileName) || "file",
            contentType: cleanTitle(body.contentType ?? "") || UNKNOWN_TYPE,
            sizeBytes: body.sizeBytes,
            title: cleanTitle(body.title ?? "") || titleFromFileName(body.fileName),
            visibility: body.visibility ?? "private",
          });
          return {
            upload: await uploadBody(storage, upload),
            video: await videoBody({ queries, addresses }, video, principal.userId),
            parts: parts.map(signedPartBody),
          };
        });
        set.status = 201;
        if (replayed) {
          set.headers["idempotency-replayed"] = "true";
        }
        return answer;
      },
      {
        signedIn: true,
        body: UploadStart,
        response: { 201: UploadStarted },
        detail: {
          summary: "Start an upload",
          description:
            "Makes the video and signs its first parts. Send each part's bytes to its address, ask for more addresses as needed, then complete. `Idempotency-Key` is honoured.",
          parameters: [{ in: "header", name: "Idempotency-Key", schema: { type: "string" } }],
        },
      },
    )
    .get(
      "/",
      async ({ principal }) => {
        const open = await openUploads(queries, principal.userId);
        return { items: await Promise.all(open.map((upload) => uploadBody(storage, upload))) };
      },
      {
        signedIn: true,
        response: { 200: UploadList },
        detail: { summary: "My open uploads", description: "What can be resumed, newest first." },
      },
    )
    .get(
      "/:id",
      async ({ params: { id }, principal }) =>
        uploadBody(storage, await ownUpload(queries, key(principal, id))),
      {
        signedIn: true,
        params,
        response: { 200: UploadBody },
        detail: { summary: "One upload", description: "Tells which parts have arrived." },
      },
    )
    .post(
      "/:id/parts",
      async ({ params: { id }, body, principal }) => {
        const parts = await signUploadParts(context, { ...key(principal, id), ...body });
        return { parts: parts.map(signedPartBody) };
      },
      {
        signedIn: true,
        params,
        body: PartsRequest,
        response: { 200: SignedParts },
        detail: {
          summary: "Sign parts",
          description:
            "Addresses to send parts to. With `checksums`, whoever takes a part refuses other bytes (`part_corrupted`).",
        },
      },
    )
    .post(
      "/:id/complete",
      async ({ params: { id }, principal }) => {
        const video = await completeUpload(context, key(principal, id));
        return await videoBody({ queries, addresses }, video, principal.userId);
      },
      {
        signedIn: true,
        params,
        response: { 200: VideoBody },
        detail: {
          summary: "Complete an upload",
          description: "Checks that everything has arrived and queues the video. Idempotent.",
        },
      },
    )
    .delete(
      "/:id",
      async ({ params: { id }, principal, set }) => {
        await cancelUpload(context, key(principal, id));
        set.status = 204;
      },
      {
        signedIn: true,
        params,
        response: { 204: Nothing },
        detail: { summary: "Cancel an upload", description: "Removes it with its video." },
      },
    );
};
