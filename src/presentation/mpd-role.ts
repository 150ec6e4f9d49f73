import { element } from "./xml.ts";

/** Role of an AdaptationSet (ISO/IEC 23009-1 §5.8.5.5); further tracks of one language are alternates, so that players find one to begin with. */
export const role = (value: "main" | "alternate"): string =>
  element("Role", { schemeIdUri: "urn:mpeg:dash:role:2011", value });
