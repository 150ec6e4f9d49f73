import { getFFmpegInfo } from "node-av/lib";

/** Version of the FFmpeg inside, for example `8.1-Jellyfin`. */
export const ffmpegVersion = (): string => getFFmpegInfo().version;
