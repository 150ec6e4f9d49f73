/**
 * The players that a presentation is tried in. Each `load` runs inside of the page: it attaches the
 * player to `video`, pins it to the rung with this height (null: there are no pictures), and resolves
 * once that is loaded.
 */
export type PlayerName = keyof typeof players;

type Load = (video: HTMLVideoElement, url: string, height: number | null) => Promise<void>;

type Player = {
  /** File that defines the player's global, in node_modules. */
  readonly script: string;
  readonly manifest: "manifest.mpd" | "master.m3u8";
  readonly load: Load;
};

/** Only the calls made below; the packages' own types describe modules, not their globals. */
type Globals = {
  shaka: {
    Player: new () => {
      attach(video: HTMLVideoElement): Promise<void>;
      configure(settings: object): void;
      load(url: string): Promise<void>;
      getVariantTracks(): { height: number | null }[];
      selectVariantTrack(track: object, clearBuffer: boolean): void;
      addEventListener(name: string, listener: (event: { detail: unknown }) => void): void;
    };
  };
  Hls: {
    new (): {
      levels: { height: number }[];
      currentLevel: number;
      on(name: string, listener: (name: string, data: { fatal?: boolean }) => void): void;
      loadSource(url: string): void;
      attachMedia(video: HTMLVideoElement): void;
    };
    Events: { MANIFEST_PARSED: string; ERROR: string };
  };
  dashjs: {
    MediaPlayer: (() => {
      create(): {
        initialize(video: HTMLVideoElement, url: string, autoplay: boolean): void;
        updateSettings(settings: object): void;
        getRepresentationsByType(type: "video"): { index: number; height: number }[];
        setRepresentationForTypeByIndex(type: "video", index: number, replace: boolean): void;
        on(name: string, listener: (event: { error?: unknown }) => void): void;
      };
    }) & { events: { STREAM_INITIALIZED: string; ERROR: string } };
  };
};

const loadInShaka: Load = async (video, url, height) => {
  const { shaka } = globalThis as unknown as Globals;
  const player = new shaka.Player();
  player.addEventListener("error", ({ detail }) => {
    throw new Error(`Shaka: ${JSON.stringify(detail)}`);
  });
  await player.attach(video);
  player.configure({ abr: { enabled: false } });
  await player.load(url);
  if (height === null) return;
  const track = player.getVariantTracks().find((candidate) => candidate.height === height);
  if (track === undefined) throw new Error(`Shaka sees no rung of height ${height}`);
  player.selectVariantTrack(track, true);
};

const loadInHlsJs: Load = (video, url, height) =>
  new Promise((resolve, reject) => {
    const { Hls } = globalThis as unknown as Globals;
    const player = new Hls();
    player.on(Hls.Events.ERROR, (_, data) => {
      const error = new Error(`hls.js: ${JSON.stringify(data, ["type", "details", "reason"])}`);
      reject(error);
      throw error;
    });
    player.on(Hls.Events.MANIFEST_PARSED, () => {
      if (height === null) return resolve();
      const level = player.levels.findIndex((candidate) => candidate.height === height);
      if (level < 0) reject(new Error(`hls.js sees no rung of height ${height}`));
      player.currentLevel = level;
      resolve();
    });
    player.loadSource(url);
    player.attachMedia(video);
  });

const loadInDashJs: Load = (video, url, height) =>
  new Promise((resolve, reject) => {
    const { dashjs } = globalThis as unknown as Globals;
    const player = dashjs.MediaPlayer().create();
    player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: false } } } });
    player.on(dashjs.MediaPlayer.events.ERROR, ({ error }) => {
      const failure = new Error(`dash.js: ${JSON.stringify(error)}`);
      reject(failure);
      throw failure;
    });
    player.on(dashjs.MediaPlayer.events.STREAM_INITIALIZED, () => {
      if (height === null) return resolve();
      const rung = player
        .getRepresentationsByType("video")
        .find((candidate) => candidate.height === height);
      if (rung === undefined) return reject(new Error(`dash.js sees no rung of height ${height}`));
      player.setRepresentationForTypeByIndex("video", rung.index, true);
      resolve();
    });
    player.initialize(video, url, false);
  });

const shakaScript = "shaka-player/dist/shaka-player.compiled.js";

export const players = {
  "Shaka, DASH": { script: shakaScript, manifest: "manifest.mpd", load: loadInShaka },
  "Shaka, HLS": { script: shakaScript, manifest: "master.m3u8", load: loadInShaka },
  "hls.js": { script: "hls.js/dist/hls.min.js", manifest: "master.m3u8", load: loadInHlsJs },
  "dash.js": {
    script: "dashjs/dist/modern/umd/dash.all.min.js",
    manifest: "manifest.mpd",
    load: loadInDashJs,
  },
} as const satisfies Record<string, Player>;
