import shaka from "shaka-player/dist/shaka-player.ui-es2021.js";
export const player = shaka.Player;
export const ui = shaka.ui;
