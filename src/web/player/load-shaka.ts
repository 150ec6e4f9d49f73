import shaka from "shaka-player/dist/shaka-player.ui-es2021.js";

/** Loaded by the watch page alone, as its own file: most of the page's bytes are the player's. */
export const { Player, polyfill, ui, util } = shaka;
export type ShakaPlayer = shaka.Player;
