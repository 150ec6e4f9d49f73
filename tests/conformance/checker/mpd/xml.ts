import { XMLParser, XMLValidator } from "fast-xml-parser";
import { Unreadable } from "../cursor.ts";

export type XmlElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
};

const ATTRIBUTES = ":@";
const TEXT = "#text";

/** Parses a document; throws `Unreadable` unless it is well formed with one root element. */
export const parseXml = (text: string): XmlElement => {
  const verdict = XMLValidator.validate(text);
  if (verdict !== true) throw new Unreadable(`line ${verdict.err.line}: ${verdict.err.msg}`);
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseAttributeValue: false,
    parseTagValue: false,
  });
  const [root, ...others] = elementsOf(parser.parse(text));
  if (root === undefined || others.length > 0)
    throw new Unreadable("there is not one root element");
  return root;
};

/** The parser's ordered form: each node is an object whose one other key is the element's name. */
const elementsOf = (nodes: unknown): XmlElement[] => {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: Record<string, unknown>) => {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT);
    if (name === undefined || name.startsWith("?")) return [];
    const content = node[name];
    const attributes = (node[ATTRIBUTES] ?? {}) as Record<string, string>;
    return [{ name, attributes, children: elementsOf(content), text: textOf(content) }];
  });
};

const textOf = (nodes: unknown): string =>
  Array.isArray(nodes)
    ? nodes.map((node: Record<string, unknown>) => String(node[TEXT] ?? "")).join("")
    : "";

export const childrenNamed = (element: XmlElement, name: string): XmlElement[] =>
  element.children.filter((child) => child.name === name);

/** The value of a descriptor (ISO/IEC 23009-1 §5.8.2) of this scheme, or null. */
export const descriptor = (element: XmlElement, name: string, scheme: string): string | null =>
  childrenNamed(element, name).find(({ attributes }) => attributes.schemeIdUri === scheme)
    ?.attributes.value ?? null;
