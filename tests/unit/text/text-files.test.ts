import { describe, expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import { MAX_CUES, within } from "../../../src/text/cue.ts";
import { parseAss } from "../../../src/text/parse-ass.ts";
import { parseSrt } from "../../../src/text/parse-srt.ts";
import { parseTextFile } from "../../../src/text/parse-text-file.ts";
import { parseWebVtt } from "../../../src/text/parse-web-vtt.ts";
import { writeWebVtt } from "../../../src/text/write-web-vtt.ts";

/** A hundred thousand cues take a second on a quiet machine. */
setDefaultTimeout(60_000);

const timing = "00:00:01,000 --> 00:00:02,000";
const srt = (text: string) => parseSrt(`1\n${timing}\n${text}\n`).cues[0]?.text ?? "";
const vtt = (text: string) =>
  parseWebVtt(`WEBVTT\n\n${timing.replaceAll(",", ".")}\n${text}\n`).cues[0]?.text ?? "";
const ass = (text: string) =>
  parseAss(
    `[Script Info]\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,${text}\n`,
  ).cues[0];

describe("SubRip", () => {
  test("is read as people write it: without numbers, with one-digit parts, points and blank lines", () => {
    const { cues } = parseSrt(
      "\ufeff1\r\n0:0:1,5 --> 0:0:2,25\r\nfirst\r\n\r\nstill first\r\n\r\n00:00:03.000->00:00:04.000 X1:1 X2:2\nsecond\n42\n\n3\n00:00:05,000 --> 00:00:06,000\nthird",
    );
    expect(
      cues.map(({ startSeconds, endSeconds, text }) => [startSeconds, endSeconds, text]),
    ).toEqual([
      [1.5, 2.25, "first\nstill first"],
      [3, 4, "second\n42"],
      [5, 6, "third"],
    ]);
  });

  test.each([
    ["<i>a</i> <B>b</B> <u>c</u>", "<i>a</i> <b>b</b> <u>c</u>"],
    ['<font color="red">red</font>', "red"],
    ["<script>alert(1)</script>", "alert(1)"],
    ['<img src=x onerror="alert(1)">', ""],
    ["<i>open", "<i>open</i>"],
    ["<b><i>crossed</b></i>", "<b><i>crossed</i></b>"],
    ["I <3 you & me > all", "I &lt;3 you &amp; me &gt; all"],
    ["AT&amp;T &lt;b&gt;", "AT&amp;T &lt;b&gt;"],
    ["&amp;lt;i&amp;gt;", "&amp;lt;i&amp;gt;"],
    ["one --> two", "one --&gt; two"],
    ["nul\0 bell\u0007 turn\u202e!", "nul bell turn!"],
    ["{\\an8}top {\\i1}x", "top x"],
    ["<b></b> ", ""],
  ])("%j says %j", (from, to) => {
    expect(srt(from)).toBe(to);
  });

  test("a place on the keypad becomes settings", () => {
    const settings = (place: number) =>
      parseSrt(`1\n${timing}\n{\\an${place}}x\n`).cues[0]?.settings;
    expect(settings(8)).toBe("line:0");
    expect(settings(2)).toBe("");
    expect(settings(1)).toBe("position:0%,line-left align:left");
    expect(settings(6)).toBe("line:50%,center position:100%,line-right align:right");
  });
});

describe("WebVTT", () => {
  test("notes, style sheets and regions go; known settings stay, each once", () => {
    const { cues } = parseWebVtt(
      "WEBVTT - title\nKind: captions\n\nSTYLE\n::cue { background: url(https://a.example) }\n\nREGION\nid:r\n\nNOTE\nnot this\n\nid 1\n00:01.000 --> 00:02.000 align:start line:-1 region:r position:10%,line-left size:1e9% x:y\nHi\n00:03.000 --> 00:04.000\nno blank line before\n",
    );
    expect(cues).toEqual([
      {
        startSeconds: 1,
        endSeconds: 2,
        text: "Hi",
        settings: "align:start line:-1 position:10%,line-left",
      },
      { startSeconds: 3, endSeconds: 4, text: "no blank line before", settings: "" },
    ]);
  });

  test.each([
    ["<v Bob & <b>Co>Hi", "&lt;v Bob &amp; <b>Co&gt;Hi</b>"],
    ["<v.loud Bob>Hi <v Ann>you", "<v Bob>Hi </v><v Ann>you</v>"],
    ["<c.yellow.x.bg_blue>a</c>", "<c.yellow.bg_blue>a</c>"],
    ["<ruby>漢<rt>kan</rt></ruby><rt>alone", "<ruby>漢<rt>kan</rt></ruby>alone"],
    ["<00:00:01.500>late <lang en>tongue</lang>", "late tongue"],
    ["&lrm;&nbsp;&#x41;&#0;&bogus;", "\u200e\u00a0A&amp;bogus;"],
  ])("%j says %j", (from, to) => {
    expect(vtt(from)).toBe(to);
  });
});

describe("ASS", () => {
  test.each([
    ["{\\i1}a{\\i0} {\\b700}b{\\b0}{\\blur3}, c", "<i>a</i> <b>b</b>, c", ""],
    ["two\\Nlines\\hand{\\r}", "two\nlines\u00a0and", ""],
    ["{\\p1}m 0 0 l 9 9{\\p0}text", "text", ""],
    ["{\\an8\\pos(1,2)\\fad(1,2)}top", "top", "line:0"],
    ["{\\a6}old top", "old top", "line:0"],
    ["<b>not a tag</b>", "&lt;b&gt;not a tag&lt;/b&gt;", ""],
    ["{a comment}{\\k20}ka{\\k30}ra", "kara", ""],
  ])("%j says %j", (from, text, settings) => {
    expect(ass(from)).toMatchObject({ text, settings });
  });

  test("the order of fields is the file's own, and the same line twice is said once", () => {
    const line = "Dialogue: Marked=0,0:00:01.00,0:00:02.50,Hello, you";
    const { cues } = parseAss(
      `[Script Info]\n[Events]\nFormat: Marked, Start, End, Text\n${line}\n${line}\nComment: Marked=0,0:00:01.00,0:00:02.00,no\n`,
    );
    expect(cues).toEqual([{ startSeconds: 1, endSeconds: 2.5, text: "Hello, you", settings: "" }]);
  });
});

describe("an uploaded file", () => {
  const file = (text: string) => `1\n${timing}\n${text}\n`;
  const german = "Grüße aus Köln, schöne Straße";
  test.each<[string, Uint8Array, string]>([
    ["UTF-8", Buffer.from(file(german)), german],
    ["UTF-8 with a mark", Buffer.from(`\ufeff${file(german)}`), german],
    ["UTF-16LE with a mark", Buffer.from(`\ufeff${file(german)}`, "utf16le"), german],
    ["UTF-16BE with a mark", Buffer.from(`\ufeff${file(german)}`, "utf16le").swap16(), german],
    ["UTF-16LE without a mark", Buffer.from(file(german), "utf16le"), german],
    ["Windows-1252", Buffer.from(file(german), "latin1"), german],
    [
      "Windows-1251",
      Buffer.concat([
        Buffer.from(`1\n${timing}\n`),
        Buffer.from("cff0e8e2e5f220ece8f02c20eae0ea20f32020f2e5e1ff20e4e5ebe03f", "hex"),
      ]),
      "Привет мир, как у  тебя дела?",
    ],
  ])("in %s is read", (_, bytes, text) => {
    expect(parseTextFile(bytes).cues.map((cue) => cue.text)).toEqual([text]);
  });

  test("its format is told by its beginning", () => {
    expect(
      parseTextFile(Buffer.from("\ufeffWEBVTT\n\n00:01.000 --> 00:02.000\nv")).cues,
    ).toHaveLength(1);
    expect(
      parseTextFile(
        Buffer.from("[Script Info]\n\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,a\n"),
      ).cues,
    ).toMatchObject([{ text: "a" }]);
    for (const other of [[], [0x89, 0x50, 0x4e, 0x47], [...Buffer.from("just text")]]) {
      expect(parseTextFile(new Uint8Array(other)).cues).toEqual([]);
    }
  });
});

describe("limits", () => {
  test("a cue of a megabyte is cut, and so are a hundred thousand tags", () => {
    expect(srt("x".repeat(1 << 20))).toBe(`${"x".repeat(2000)}…`);
    expect(srt("😀".repeat(1500)).isWellFormed()).toBe(true);
    expect(srt("<b>".repeat(100_000)).length).toBeLessThan(20);
    expect(srt(`${"<i>a</i><".repeat(100_000)}`).length).toBeLessThan(30_000);
  });

  test("more cues than can be kept are left out, and said so", () => {
    const many = Array.from({ length: MAX_CUES + 5 }, (_, index) => `${timing}\n${index}\n`);
    const { cues, truncated } = parseSrt(many.join("\n"));
    expect(cues).toHaveLength(MAX_CUES);
    expect(truncated).toBe(true);
    expect(parseSrt(many.slice(0, 10).join("\n")).truncated).toBe(false);
  });

  test("text is bounded in all", () => {
    const page = "words ".repeat(300);
    const { cues, truncated } = parseSrt(
      Array.from({ length: 3000 }, (_, index) => `${timing}\n${index} ${page}\n`).join("\n"),
    );
    expect(truncated).toBe(true);
    expect(cues.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(4_000_000);
  });

  test("what lies outside of the presentation is cut off", () => {
    const cue = (startSeconds: number, endSeconds: number) => ({
      startSeconds,
      endSeconds,
      text: "x",
      settings: "",
    });
    expect(within([cue(-2, -1), cue(-1, 1), cue(1, 9), cue(5, 6)], 5)).toEqual([
      cue(0, 1),
      cue(1, 5),
    ]);
  });
});

/** Written apart from the writer: what a WebVTT file of ours may consist of, and nothing else. */
const expectSound = (file: string): void => {
  expect(file.startsWith("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n")).toBe(true);
  expect(file).not.toMatch(/(?!\n)\p{Cc}|[\u202d\u202e\ufeff]/u);
  expect(file.isWellFormed()).toBe(true);
  for (const block of file.split(/\n\n+/).slice(1)) {
    const [head = "", ...lines] = block.replace(/\n$/, "").split("\n");
    expect(head).toMatch(
      /^\d{2,}:\d\d:\d\d\.\d{3} --> \d{2,}:\d\d:\d\d\.\d{3}( (vertical|line|position|size|align):[\w%.,-]+)*$/,
    );
    expect(lines.length).toBeGreaterThan(0);
    const open: string[] = [];
    const rest = lines
      .join("\n")
      .replace(
        /<(\/?)(b|i|u|ruby|rt|v|c)((?:\.\w+)*)( [^<>&\n]*(?:&(?:amp|lt|gt);[^<>&\n]*)*)?>/g,
        (_, slash, tag) => {
          if (slash === "/") expect(open.pop()).toBe(tag);
          else open.push(tag);
          return "";
        },
      )
      .replace(/&(amp|lt|gt);/g, "");
    expect(open).toEqual([]);
    expect(rest).not.toMatch(/[<>&]/);
  }
};

describe("whatever a file holds", () => {
  const hostile = fc.constantFrom(
    ...[
      "\n",
      "\r\n",
      "\n\n",
      "\r",
      timing,
      timing.replaceAll(",", "."),
      "-->",
      " --> ",
      "WEBVTT\n\n",
    ],
    ...[
      "NOTE ",
      "STYLE\n",
      "<b>",
      "</b>",
      "<i>",
      "</i>",
      "<v Bob>",
      "<v a--&gt;",
      "<c.red>",
      "</c>",
    ],
    ...["<ruby>", "<rt>", "<script>", "</script>", "<", ">", "&", "&lt;", "&#10;&#10;", "&#x202e;"],
    ...[
      "\0",
      "\u2028",
      "\u202e",
      "\ud800",
      "\ufeff",
      "{\\an8}",
      "{\\i1}",
      "{\\p1}",
      "\\N",
      "{",
      "}",
    ],
    ...[
      "Dialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,",
      "\n1\n",
      "\t",
      "\u00a0",
      "text",
      "<00:01.000>",
    ],
  );
  const content = fc
    .array(
      fc.oneof({ weight: 4, arbitrary: hostile }, fc.string({ unit: "binary", maxLength: 8 })),
      {
        maxLength: 60,
      },
    )
    .map((parts) => `${timing}\n${parts.join("")}`);

  test.each([
    ["SubRip", parseSrt, (text: string) => text],
    ["WebVTT", parseWebVtt, (text: string) => `WEBVTT\n\n${text}`],
    ["ASS", parseAss, (text: string) => `[Script Info]\n${text}`],
  ] as const)(
    "%s becomes a sound WebVTT file that says the same when it is read again",
    (_, parse, dress) => {
      fc.assert(
        fc.property(content, (text) => {
          const { cues } = parse(dress(text));
          const file = writeWebVtt(cues);
          expectSound(file);
          expect(writeWebVtt(parseWebVtt(file).cues)).toBe(file);
        }),
        { numRuns: 300 },
      );
    },
  );

  test("any bytes are read without an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expectSound(writeWebVtt(parseTextFile(bytes).cues));
      }),
    );
  });
});
