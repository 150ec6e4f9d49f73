import { Unreadable } from "../cursor.ts";
import { resolvePath } from "../paths.ts";
import { addressed, type MediaAddress } from "./segment-template.ts";
import { childrenNamed, parseXml, type XmlElement } from "./xml.ts";

/** An MPD (ISO/IEC 23009-1 §5.3), as it stands there. */
export type Manifest = {
  readonly file: string;
  readonly root: XmlElement;
  readonly periods: readonly XmlElement[];
  readonly sets: readonly AdaptationSet[];
};

export type AdaptationSet = {
  readonly element: XmlElement;
  /** `video`, `audio`, `text` or `image`. */
  readonly contentType: string;
  readonly representations: readonly Representation[];
};

export type Representation = {
  readonly element: XmlElement;
  readonly id: string;
  /** The representation's own attributes over its set's (§5.3.7.1). */
  readonly attributes: Readonly<Record<string, string>>;
  /** Of both elements, for descriptors that may stand in either. */
  readonly elements: readonly XmlElement[];
  readonly media: MediaAddress;
};

/** Reads an MPD; throws `Unreadable` when it is no XML or no MPD. */
export const readManifest = (file: string, text: string): Manifest => {
  const root = parseXml(text);
  if (root.name !== "MPD") throw new Unreadable(`the root element is ${root.name}`);
  const periods = childrenNamed(root, "Period");
  const base = baseOf(file, root);
  const sets = periods.flatMap((period) =>
    childrenNamed(period, "AdaptationSet").map((set) =>
      readSet(set, period, root, baseOf(baseOf(base, period), set)),
    ),
  );
  return { file, root, periods, sets };
};

const readSet = (
  element: XmlElement,
  period: XmlElement,
  root: XmlElement,
  base: string,
): AdaptationSet => {
  const { contentType, mimeType } = element.attributes;
  return {
    element,
    contentType: contentType ?? (mimeType ?? "").split("/")[0] ?? "",
    representations: childrenNamed(element, "Representation").map((own) => {
      const id = own.attributes.id ?? "";
      return {
        element: own,
        id,
        attributes: { ...element.attributes, ...own.attributes },
        elements: [element, own],
        media: addressed(
          { period, set: element, representation: own },
          { id, base: baseOf(base, own), bandwidth: own.attributes.bandwidth ?? "" },
          secondsOf(root.attributes.mediaPresentationDuration),
        ),
      };
    }),
  };
};

/** BaseURL (§5.6) against what was the base so far. */
const baseOf = (base: string, element: XmlElement): string => {
  const [own] = childrenNamed(element, "BaseURL");
  if (own === undefined) return base;
  const text = own.text.trim();
  const path = resolvePath(base, text);
  if (path === null) throw new Unreadable(`BaseURL ${text} leads outside the presentation`);
  return text.endsWith("/") && !path.endsWith("/") ? `${path}/` : path;
};

/** An xs:duration in seconds; NaN when it is none. */
export const secondsOf = (duration: string | undefined): number => {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(
    duration ?? "",
  );
  if (match === null || duration === "P" || duration?.endsWith("T")) return Number.NaN;
  const [, days, hours, minutes, seconds] = match.map((part) => Number(part ?? 0));
  return (days ?? 0) * 86400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
};
