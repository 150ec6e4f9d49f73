const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Characters that XML 1.0 §2.2 does not allow in any form; they are dropped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Text for an attribute's value in double quotes, or for an element's content. */
export const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    .replace(forbidden, "")
    .replace(/[&<>"]/g, (character) => escapes[character] ?? "");

/** Attributes in the order they are written; an undefined one is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element on lines of its own; `children` are elements, indented by two spaces. */
export const element = (
  name: string,
  attributes: Attributes,
  children: readonly string[] = [],
): string => {
  const start = `<${name}${writeAttributes(attributes)}`;
  if (children.length === 0) return `${start}/>`;
  const body = children.join("\n").replace(/^/gm, "  ");
  return `${start}>\n${body}\n</${name}>`;
};

/** An element on one line that holds text alone. */
export const textElement = (name: string, text: string): string =>
  `<${name}>${escapeXml(text)}</${name}>`;

const writeAttributes = (attributes: Attributes): string =>
  Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join("");
