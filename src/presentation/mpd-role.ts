import { element } from "./xml.ts";

/** What a set is for, by the names of the DASH role scheme. */
export type Role =
  | "main"
  | "alternate"
  | "commentary"
  | "description"
  | "enhanced-audio-intelligibility";

/** Role of an AdaptationSet (ISO/IEC 23009-1 §5.8.5.5); further tracks of one language are alternates, so that players find one to begin with. */
export const role = (value: Role): string =>
  element("Role", { schemeIdUri: "urn:mpeg:dash:role:2011", value });
