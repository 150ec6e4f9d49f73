/**
 * Players with a text track shown. Each `load` runs inside of the page: it attaches the player to
 * `video`, shows the text in this language, and resolves once the presentation is loaded.
 */
export type TextPlayerName = keyof typeof textPlayers;

type Load = (video: HTMLVideoElement, url: string, language: string) => Promise<void>;

type TextPlayer = {
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
      load(url: string): Promise<void>;
      getTextTracks(): { language: string; forced: boolean }[];
      selectTextTrack(track: object): void;
      addEventListener(name: string, listener: (event: { detail: unknown }) => void): void;
    };
  };
  Hls: {
    new (): {
      subtitleTracks: { lang?: string }[];
      subtitleTrack: number;
      subtitleDisplay: boolean;
      on(name: string, listener: (name: string, data: { fatal?: boolean }) => void): void;
      loadSource(url: string): void;
      attachMedia(video: HTMLVideoElement): void;
    };
    Events: { ERROR: string };
  };
  dashjs: {
    MediaPlayer: (() => {
      create(): {
        initialize(video: HTMLVideoElement, url: string, autoplay: boolean): void;
        getTracksFor(type: "text"): { index: number; lang: string }[];
        setTextTrack(index: number): void;
        enableText(enabled: boolean): void;
        on(name: string, listener: (event: { error?: unknown }) => void): void;
      };
    }) & { events: { TEXT_TRACKS_ADDED: string; ERROR: string } };
  };
};

const loadInShaka: Load = async (video, url, language) => {
  const { shaka } = globalThis as unknown as Globals;
  const player = new shaka.Player();
  player.addEventListener("error", ({ detail }) => {
    throw new Error(`Shaka: ${JSON.stringify(detail)}`);
  });
  await player.attach(video);
  await player.load(url);
  const track = player
    .getTextTracks()
    .find((candidate) => candidate.language === language && !candidate.forced);
  if (track === undefined) throw new Error(`Shaka sees no text in ${language}`);
  player.selectTextTrack(track);
};

const loadInHlsJs: Load = (video, url, language) =>
  new Promise((resolve, reject) => {
    const { Hls } = globalThis as unknown as Globals;
    const player = new Hls();
    player.on(Hls.Events.ERROR, (_, data) => {
      const error = new Error(`hls.js: ${JSON.stringify(data, ["type", "details", "reason"])}`);
      reject(error);
      throw error;
    });
    // Only then has it taken the default, which the viewer's choice replaces.
    video.addEventListener("loadeddata", () => {
      const index = player.subtitleTracks.findIndex(({ lang }) => lang === language);
      if (index < 0) return reject(new Error(`hls.js sees no text in ${language}`));
      player.subtitleDisplay = true;
      player.subtitleTrack = index;
      resolve();
    });
    player.loadSource(url);
    player.attachMedia(video);
  });

const loadInDashJs: Load = (video, url, language) =>
  new Promise((resolve, reject) => {
    const { dashjs } = globalThis as unknown as Globals;
    const player = dashjs.MediaPlayer().create();
    player.on(dashjs.MediaPlayer.events.ERROR, ({ error }) => {
      const failure = new Error(`dash.js: ${JSON.stringify(error)}`);
      reject(failure);
      throw failure;
    });
    player.on(dashjs.MediaPlayer.events.TEXT_TRACKS_ADDED, () => {
      const index = player.getTracksFor("text").findIndex(({ lang }) => lang === language);
      if (index < 0) return reject(new Error(`dash.js sees no text in ${language}`));
      player.enableText(true);
      player.setTextTrack(index);
      resolve();
    });
    player.initialize(video, url, false);
  });

const shakaScript = "shaka-player/dist/shaka-player.compiled.js";

export const textPlayers = {
  "Shaka, DASH": { script: shakaScript, manifest: "manifest.mpd", load: loadInShaka },
  "Shaka, HLS": { script: shakaScript, manifest: "master.m3u8", load: loadInShaka },
  "hls.js": { script: "hls.js/dist/hls.min.js", manifest: "master.m3u8", load: loadInHlsJs },
  "dash.js": {
    script: "dashjs/dist/modern/umd/dash.all.min.js",
    manifest: "manifest.mpd",
    load: loadInDashJs,
  },
} as const satisfies Record<string, TextPlayer>;
