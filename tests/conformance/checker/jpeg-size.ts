import { Cursor, Unreadable } from "./cursor.ts";

/** Width and height of a JPEG file, from its frame header (ITU-T T.81 §B.2.2). */
export const jpegSize = (bytes: Uint8Array): { width: number; height: number } => {
  const cursor = new Cursor(bytes);
  if (cursor.u16() !== 0xffd8) throw new Unreadable("it is no JPEG");
  const [last, end] = [bytes.at(-2), bytes.at(-1)];
  if (last !== 0xff || end !== 0xd9) throw new Unreadable("the picture does not end");
  for (;;) {
    const marker = cursor.u16();
    const length = cursor.u16();
    // SOF0 to SOF15 without DHT, JPG and DAC, which lie among them (table B.1).
    const isFrame =
      marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (!isFrame) cursor.skip(length - 2);
    else {
      cursor.skip(1);
      const height = cursor.u16();
      return { width: cursor.u16(), height };
    }
  }
};
