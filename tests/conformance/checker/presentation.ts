import { type Header, readHeader } from "./bmff/header.ts";
import { readSegment, type SegmentFile } from "./bmff/segment.ts";
import { Unreadable } from "./cursor.ts";
import type { Findings } from "./finding.ts";
import { type MediaPlaylist, readMediaPlaylist } from "./hls/media-playlist.ts";
import { type Multivariant, readMultivariant } from "./hls/multivariant.ts";
import {
  type AdaptationSet,
  type Manifest,
  type Representation,
  readManifest,
} from "./mpd/manifest.ts";
import type { RuleId } from "./rule-clauses.ts";

/** Every file of a presentation by its name relative to it. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** What the rules look at. What could not be read is null and has been reported. */
export type Presentation = {
  readonly files: Files;
  readonly manifest: Manifest | null;
  readonly multivariant: Multivariant | null;
  /** Media playlists by file. */
  readonly playlists: ReadonlyMap<string, MediaPlaylist>;
  /** Tracks in ISO BMFF, in the order of the MPD, then of the playlists. */
  readonly tracks: readonly Track[];
};

export type Track = {
  readonly headerFile: string;
  readonly header: Header;
  readonly kind: "video" | "audio" | "other";
  readonly segments: readonly TrackSegment[];
  readonly set: AdaptationSet | null;
  readonly representation: Representation | null;
  /** Not an I-frame playlist. */
  readonly playlist: MediaPlaylist | null;
};

export type TrackSegment = SegmentFile & { readonly file: string; readonly bytes: number };

export const mpdFile = "manifest.mpd";
export const multivariantFile = "master.m3u8";
/** WebVTT over the thumbnails, beside their sheets. */
export const thumbnailIndexFile = "t/thumbnails.vtt";

/** Reads everything that the manifests name. */
export const readPresentation = (files: Files, findings: Findings): Presentation => {
  const text = (file: string): string =>
    new TextDecoder("utf-8", { fatal: true }).decode(bytes(file));
  const bytes = (file: string): Uint8Array => {
    const found = files.get(file);
    if (found === undefined) throw new Missing(file);
    return found;
  };
  const attempt = <T>(rule: RuleId, file: string, read: () => T): T | null => {
    try {
      return read();
    } catch (thrown) {
      if (thrown instanceof Missing) findings.add("file-missing", thrown.file, "It is not there.");
      else if (thrown instanceof Unreadable)
        findings.add(rule, file, `Unreadable: ${thrown.message}.`);
      else if (thrown instanceof TypeError) findings.add(rule, file, "It is not UTF-8.");
      else throw thrown;
      return null;
    }
  };

  const manifest = attempt("mpd-xml", mpdFile, () => readManifest(mpdFile, text(mpdFile)));
  const multivariant = attempt("hls-syntax", multivariantFile, () =>
    readMultivariant(multivariantFile, text(multivariantFile)),
  );
  const playlists = new Map<string, MediaPlaylist>();
  for (const file of playlistsOf(multivariant)) {
    const playlist = attempt("hls-syntax", file, () => readMediaPlaylist(file, text(file)));
    if (playlist !== null) playlists.set(file, playlist);
  }
  const tracks = namedTracks(manifest, playlists).flatMap((named): Track[] => {
    const file = named.headerFile;
    const header = attempt("cmaf-boxes", file, () => readHeader(bytes(file)));
    if (header === null) return [];
    const segments = named.segmentFiles.flatMap((segmentFile): TrackSegment[] => {
      const segment = attempt("cmaf-boxes", segmentFile, () => ({
        ...readSegment(bytes(segmentFile), header.defaults),
        file: segmentFile,
        bytes: bytes(segmentFile).length,
      }));
      return segment === null ? [] : [segment];
    });
    return [{ ...named, header, kind: kindOf(header), segments }];
  });
  return { files, manifest, multivariant, playlists, tracks };
};

class Missing extends Error {
  readonly file: string;
  constructor(file: string) {
    super(file);
    this.file = file;
  }
}

const kindOf = ({ handler }: Header): Track["kind"] =>
  handler === "vide" ? "video" : handler === "soun" ? "audio" : "other";

const playlistsOf = (multivariant: Multivariant | null): Set<string> =>
  new Set(
    [
      ...(multivariant?.variants ?? []),
      ...(multivariant?.renditions ?? []),
      ...(multivariant?.iFrames ?? []),
    ].flatMap(({ playlist }) => (playlist === null ? [] : [playlist])),
  );

type NamedTrack = Omit<Track, "header" | "kind" | "segments"> & {
  readonly segmentFiles: readonly string[];
};

/** Tracks by the header that the manifests name; the MPD's list of segments comes first. */
const namedTracks = (
  manifest: Manifest | null,
  playlists: ReadonlyMap<string, MediaPlaylist>,
): NamedTrack[] => {
  const byHeader = new Map<string, MediaPlaylist>();
  for (const playlist of playlists.values()) {
    const header = playlist.segments[0]?.map?.file;
    if (header !== undefined && !playlist.isIFramesOnly) byHeader.set(header, playlist);
  }
  const inManifest = (manifest?.sets ?? []).flatMap((set) =>
    set.representations.flatMap((representation): NamedTrack[] => {
      const { initialization, segments } = representation.media;
      if (initialization === null) return [];
      return [
        {
          headerFile: initialization,
          segmentFiles: segments.map(({ file }) => file),
          set,
          representation,
          playlist: byHeader.get(initialization) ?? null,
        },
      ];
    }),
  );
  const known = new Set(inManifest.map(({ headerFile }) => headerFile));
  const others = [...byHeader].filter(([headerFile]) => !known.has(headerFile));
  return [
    ...inManifest,
    ...others.map(
      ([headerFile, playlist]): NamedTrack => ({
        headerFile,
        segmentFiles: playlist.segments.map(({ file }) => file),
        set: null,
        representation: null,
        playlist,
      }),
    ),
  ];
};
