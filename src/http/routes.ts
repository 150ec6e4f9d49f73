import type { AnyElysia } from "elysia";
import type { ApiConfig } from "../config.ts";
import type { Database } from "../db/index.ts";
import type { Identity } from "../identity/index.ts";
import type { Keys } from "../keys.ts";
import type { Log } from "../log.ts";
import type { Queue } from "../queue/index.ts";
import type { PartReceiver, Storage } from "../storage/index.ts";
import type { JobKeys } from "../storage/job-keys.ts";
import type { VideoChanges } from "../videos/changes.ts";
import { deleteVideosOf } from "../videos/delete-video.ts";
import type { PageAsset } from "../web/assets.ts";
import { authRoutes } from "./auth.ts";
import { healthRoutes } from "./health.ts";
import { jobRoutes } from "./internal.ts";
import { mediaRoutes } from "./media.ts";
import { openMediaAddresses } from "./media-delivery.ts";
import { type Metrics, metricsRoutes } from "./metrics.ts";
import { openApiRoutes } from "./openapi.ts";
import { pageRoutes } from "./page.ts";
import { partUploadRoutes } from "./part-upload.ts";
import { publicConfigRoutes } from "./public-config.ts";
import { createRateLimits } from "./rate-limit.ts";
import { trackRoutes } from "./tracks.ts";
import { uploadRoutes } from "./uploads.ts";
import { videoEventRoutes } from "./video-events.ts";
import { videoRetryRoutes } from "./video-retry.ts";
import { videoRoutes } from "./videos.ts";

/** What the routes are made of: open ports and settings. */
export type RouteParts = {
  readonly config: ApiConfig;
  readonly log: Log;
  readonly keys: Keys;
  readonly database: Database;
  readonly storage: Storage;
  readonly partReceiver: PartReceiver | null;
  readonly jobKeys: JobKeys | null;
  readonly queue: Queue;
  readonly identity: Identity;
  readonly changes: VideoChanges;
  readonly metrics: Metrics;
  /** How transcoders are shut in on this machine, for `/health/ready`. */
  readonly confinement: string;
  readonly mailKind: "smtp" | "console";
};

/** Everything on the public port, the page last because it answers what nobody else does. */
export const publicRoutes = (parts: RouteParts, page: readonly PageAsset[]): AnyElysia[] => {
  const { config, keys, database, storage, partReceiver, queue, identity, changes } = parts;
  const { addresses, own } = openMediaAddresses(config, keys);
  const settings = {
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
    userQuotaBytes: config.USER_QUOTA_BYTES,
    minFreeDiskBytes: config.MIN_FREE_DISK_BYTES,
    partBytes: config.UPLOAD_PART_BYTES,
    expiryHours: config.UPLOAD_EXPIRY_HOURS,
  };
  return [
    openApiRoutes(config.publicUrl),
    healthRoutes(parts),
    publicConfigRoutes({
      signUp: config.SIGN_UP,
      maxUploadBytes: config.MAX_UPLOAD_BYTES,
      // Cognito mails its codes itself.
      mail: config.IDENTITY === "cognito" ? "smtp" : parts.mailKind,
      totp: identity.totp !== null,
      firstRun: () => identity.firstRun(),
    }),
    authRoutes({
      identity,
      rateLimits: createRateLimits(),
      publicUrl: config.publicUrl,
      trustProxy: config.TRUST_PROXY,
      removeAllVideos: (userId) => deleteVideosOf({ database, storage }, userId),
    }),
    uploadRoutes({ database, storage, queue, identity, addresses, settings }),
    ...(partReceiver ? [partUploadRoutes(partReceiver)] : []),
    videoRoutes({ database, storage, identity, keys, addresses }),
    videoEventRoutes({ identity, changes, database, addresses }),
    videoRetryRoutes({ identity, database, addresses }),
    trackRoutes({ identity, database, storage, log: parts.log }),
    ...(own ? [mediaRoutes({ storage, addresses: own })] : []),
    pageRoutes(page, config.PUBLIC_URL === undefined ? config.publicUrl : null),
  ];
};

/** Everything on the internal port: transcoders and Prometheus. */
export const internalRoutes = (parts: RouteParts): AnyElysia[] => [
  jobRoutes(parts),
  metricsRoutes(parts.metrics),
  healthRoutes(parts),
];
