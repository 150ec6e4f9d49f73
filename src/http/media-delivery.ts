import type { ApiConfig } from "../config.ts";
import type { Keys } from "../keys.ts";
import { pemOf } from "../settings/delivery.ts";
import { type MediaAddresses, mediaAddresses, type OwnMediaAddresses } from "./media-address.ts";
import { cloudFrontAddresses } from "./media-address-cloudfront.ts";

/** The addresses that the settings ask for; `own` is null where something else delivers. */
export const openMediaAddresses = (
  config: Pick<
    ApiConfig,
    | "DELIVERY"
    | "MEDIA_URL"
    | "CLOUDFRONT_KEY_PAIR_ID"
    | "CLOUDFRONT_PRIVATE_KEY"
    | "MEDIA_COOKIE_DOMAIN"
    | "publicUrl"
  >,
  keys: Keys,
): { readonly addresses: MediaAddresses; readonly own: OwnMediaAddresses | null } => {
  if (config.DELIVERY === "api") {
    const own = mediaAddresses(keys, config.publicUrl);
    return { addresses: own, own };
  }
  // What is missing was refused when the settings were read (`settings/needs.ts`).
  const addresses = cloudFrontAddresses({
    mediaUrl: (config.MEDIA_URL ?? "").replace(/\/$/, ""),
    cookieDomain: config.MEDIA_COOKIE_DOMAIN ?? "",
    keyPairId: config.CLOUDFRONT_KEY_PAIR_ID ?? "",
    privateKey: pemOf(config.CLOUDFRONT_PRIVATE_KEY ?? ""),
  });
  return { addresses, own: null };
};

/** Origin of the media where it is another than the api's; null where the api delivers. */
export const mediaOrigin = ({
  DELIVERY,
  MEDIA_URL,
}: Pick<ApiConfig, "DELIVERY" | "MEDIA_URL">): string | null =>
  DELIVERY === "cloudfront" && MEDIA_URL !== undefined ? new URL(MEDIA_URL).origin : null;
