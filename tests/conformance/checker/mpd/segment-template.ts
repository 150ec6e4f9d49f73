import { posix } from "node:path";
import { Unreadable } from "../cursor.ts";
import { childrenNamed, type XmlElement } from "./xml.ts";

/** How the media of a representation is found. */
export type MediaAddress = {
  readonly initialization: string | null;
  readonly segments: readonly AddressedSegment[];
  readonly timescale: number;
  readonly timeOffset: number;
  /** A file that is named by its BaseURL alone. */
  readonly wholeFile: string | null;
};

export type AddressedSegment = {
  readonly file: string;
  /** In the template's timescale, as the manifest has it. */
  readonly start: number;
  readonly duration: number;
};

type Place = {
  readonly period: XmlElement;
  readonly set: XmlElement;
  readonly representation: XmlElement;
};
type Identity = { readonly id: string; readonly base: string; readonly bandwidth: string };

/** Reads SegmentTemplate (ISO/IEC 23009-1 §5.3.9.4) with what is inherited (§5.3.9.1). */
export const addressed = (
  { period, set, representation }: Place,
  identity: Identity,
  periodSeconds: number,
): MediaAddress => {
  const templates = [period, set, representation].flatMap((element) =>
    childrenNamed(element, "SegmentTemplate"),
  );
  if (templates.length === 0) {
    const whole =
      identity.base.endsWith("/") || identity.base.endsWith(".mpd") ? null : identity.base;
    return { initialization: null, segments: [], timescale: 1, timeOffset: 0, wholeFile: whole };
  }
  const attributes = Object.assign(
    {},
    ...templates.map((template) => template.attributes),
  ) as Record<string, string>;
  const timescale = Number(attributes.timescale ?? 1);
  const first = Number(attributes.startNumber ?? 1);
  const timeline = templates
    .flatMap((template) => childrenNamed(template, "SegmentTimeline"))
    .at(-1);
  const times =
    timeline === undefined
      ? evenTimes(attributes, periodSeconds * timescale)
      : timelineTimes(timeline);
  const { media, initialization } = attributes;
  if (media === undefined) throw new Unreadable("a SegmentTemplate without media");
  return {
    initialization: initialization === undefined ? null : fill(initialization, identity, {}),
    segments: times.map((time, index) => ({
      ...time,
      file: fill(media, identity, { Number: first + index, Time: time.start }),
    })),
    timescale,
    timeOffset: Number(attributes.presentationTimeOffset ?? 0),
    wholeFile: null,
  };
};

type Time = { readonly start: number; readonly duration: number };

/** More segments than any presentation has: a manifest that claims more is not read on. */
const MOST_SEGMENTS = 1_000_000;

/** SegmentTimeline (§5.3.9.6): @t begins anew, @r repeats. */
const timelineTimes = (timeline: XmlElement): Time[] => {
  const times: Time[] = [];
  let start = 0;
  for (const { attributes } of childrenNamed(timeline, "S")) {
    const duration = Number(attributes.d);
    start = attributes.t === undefined ? start : Number(attributes.t);
    const repeat = Number(attributes.r ?? 0);
    if (!(repeat >= 0 && repeat < MOST_SEGMENTS)) throw new Unreadable(`S@r is ${attributes.r}`);
    for (let count = 0; count <= repeat; count += 1) {
      times.push({ start, duration });
      start += duration;
    }
  }
  return times;
};

/** Segments of one duration (§5.3.9.2): up to @endNumber, or as many as the presentation takes. */
const evenTimes = (attributes: Readonly<Record<string, string>>, total: number): Time[] => {
  const duration = Number(attributes.duration);
  const { endNumber, startNumber = "1" } = attributes;
  const count =
    endNumber === undefined
      ? Math.ceil(total / duration - 1e-6)
      : Number(endNumber) - Number(startNumber) + 1;
  if (!(count > 0 && count < MOST_SEGMENTS)) throw new Unreadable(`${count} segments`);
  return Array.from({ length: count }, (_, index) => ({ start: index * duration, duration }));
};

/** Puts values into a template (§5.3.9.4.4) and joins it to the base. */
const fill = (
  template: string,
  { id, base, bandwidth }: Identity,
  values: Readonly<Record<string, number>>,
): string => {
  const known: Readonly<Record<string, string | number>> = {
    RepresentationID: id,
    Bandwidth: bandwidth,
    ...values,
  };
  const name = template.replace(/\$(\w*)(?:%0(\d+)d)?\$/g, (_, key: string, width?: string) =>
    key === "" ? "$" : String(known[key] ?? `?${key}?`).padStart(Number(width ?? 0), "0"),
  );
  return posix.join(base.endsWith("/") ? base : posix.dirname(base), name);
};
