import type { PlaybackBody } from "../../http/schemas.ts";
import { createRepair } from "./repair.ts";

/** Buttons of the player's bar; the menu behind the gear holds what is used less. */
const CONTROLS = {
  controlPanelElements: [
    "play_pause",
    "mute_volume",
    "time_and_duration",
    "spacer",
    "captions",
    "overflow_menu",
    "picture_in_picture",
    "fullscreen",
  ],
  overflowMenuButtons: ["quality", "playback_rate", "captions", "language", "loop", "statistics"],
  topControlPanelElements: [],
  playbackRates: [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2],
  seekBarColors: {
    base: "rgb(255 255 255 / 30%)",
    buffered: "rgb(255 255 255 / 50%)",
    played: "#8286ff",
  },
  doubleClickForFullscreen: true,
  // Casting would load a script from another host.
  castReceiverAppId: "",
  castSenderUrl: "",
};

export type Format = "dash" | "hls";

export type AttachOptions = {
  readonly container: HTMLElement;
  readonly video: HTMLVideoElement;
  /** Asked again when the signed addresses have run out in mid-play. */
  readonly playback: () => Promise<PlaybackBody>;
  /** null takes what the browser does best. */
  readonly format: Format | null;
  /** Where to begin; 0 for the beginning. */
  readonly startSeconds: number;
  readonly onFailure: () => void;
};

export type AttachedPlayer = { readonly format: Format; readonly destroy: () => Promise<void> };

/**
 * Puts Shaka Player with its controls on a video element: DASH where the browser has Media Source
 * Extensions, else HLS, played by the browser itself.
 * @throws Error when the browser can play neither, or the video cannot be loaded
 */
export const attachPlayer = async (options: AttachOptions): Promise<AttachedPlayer> => {
  const { container, video, playback, onFailure } = options;
  const { Player, polyfill, ui } = await import("./load-shaka.ts");
  polyfill.installAll();
  const format = options.format ?? (hasMediaSource() ? "dash" : "hls");
  const addresses = await playback();
  const urlOf = (body: PlaybackBody) => (format === "dash" ? body.dashUrl : body.hlsUrl);
  if (!Player.isBrowserSupported()) {
    return playNatively(video, addresses.hlsUrl);
  }

  const player = new Player();
  // Before the player chooses how to show text: in this container, not by tracks of the video element.
  player.setVideoContainer(container);
  await player.attach(video);
  const overlay = new ui.Overlay(player, container, video);
  overlay.configure(CONTROLS);
  player.configure({
    // The first segments come in the middle rung: quick to start, and not ugly.
    abr: { defaultBandwidthEstimate: 3_000_000, restrictToElementSize: true },
    streaming: { bufferingGoal: 30, rebufferingGoal: 1 },
  });

  // The cookies that open the media are those of another host of this site.
  let media: PlaybackBody | null = null;
  player.getNetworkingEngine()?.registerRequestFilter((_type, request) => {
    request.allowCrossSiteCredentials = media?.credentials != null;
  });
  const load = async (body: PlaybackBody, startSeconds?: number): Promise<void> => {
    media = body;
    await player.load(urlOf(body), startSeconds);
    // Shaka goes by the browser's languages alone; what the owner wants shown is marked as the main one.
    const shown = player.getTextTracks().find(({ primary, forced }) => primary && !forced);
    if (shown !== undefined) {
      player.selectTextTrack(shown);
    }
    if (format === "hls" && body.thumbnailsUrl !== null) {
      // Searching without pictures is no failure, and play does not wait for them. DASH names them itself.
      player.addThumbnailsTrack(body.thumbnailsUrl, "text/vtt").catch(() => {});
    }
  };
  const repair = createRepair({
    reload: async () => load(await playback(), video.currentTime),
    onFailure,
    nowMs: () => performance.now(),
  });
  const destroy = () => overlay.destroy();
  try {
    await load(addresses, options.startSeconds || undefined);
  } catch (error) {
    await destroy();
    throw error;
  }
  // Signed addresses run out after some hours: the usual reason for an error in mid-play.
  player.addEventListener("error", () => void repair());
  return { format, destroy };
};

const hasMediaSource = (): boolean => "MediaSource" in window || "ManagedMediaSource" in window;

const playNatively = (video: HTMLVideoElement, hlsUrl: string): AttachedPlayer => {
  if (video.canPlayType("application/vnd.apple.mpegurl") === "") {
    throw new Error("This browser plays neither DASH nor HLS.");
  }
  video.src = hlsUrl;
  video.controls = true;
  return {
    format: "hls",
    destroy: async () => {
      video.removeAttribute("src");
      video.load();
    },
  };
};
