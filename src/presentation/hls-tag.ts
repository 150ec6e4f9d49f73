/** A quoted-string can hold neither quotes nor line breaks and knows no escapes (RFC 8216 §4.2). */
export const quoted = (text: string): string => `"${text.replace(/["\r\n]/g, "")}"`;

/** A tag with its attribute list; an undefined attribute is left out. */
export const tag = (
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
): string =>
  `#${name}:${Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}`)
    .join(",")}`;

/** A playlist of these lines. */
export const lines = (content: readonly string[]): string => `${content.join("\n")}\n`;
