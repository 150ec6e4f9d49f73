/** Subtitles through the page of the compiled api: added before the conversion is done and after it, seen in the player. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser } from "../fixtures/browser.ts";
import { type Client, PASSWORD, signedInClient, upload } from "./support/client.ts";
import { bytesOf, testClip } from "./support/clips.ts";
import { emptyFolder, eventually, type Platform, startPlatform } from "./support/platform.ts";

const EMAIL = "ada@example.org";
/** A step that hangs fails with a picture of where; nothing here proves speed. */
const STEP_TIMEOUT_MS = 60_000;

const german = "1\n00:00:01,000 --> 00:00:03,000\nGrüße <i>aus Köln</i>\n";
const english =
  "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Bob>Good day</v> <script>alert(1)</script>\n";

let folder: Awaited<ReturnType<typeof emptyFolder>>;
let platform: Platform;
let client: Client;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let videoId = "";
/** Whatever the browser complained about: errors of scripts, refused requests, policy violations. */
const complaints: string[] = [];

beforeAll(async () => {
  folder = await emptyFolder();
  platform = await startPlatform({ cwd: folder.path });
  client = await signedInClient(platform, EMAIL);
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(STEP_TIMEOUT_MS);
  page = await context.newPage();
  await page.goto(`${platform.url}/login`);
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByTestId("submit").click();
  await page.getByTestId("empty-library").waitFor();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} ${message.location().url}`);
  });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await platform?.stop();
  await folder?.dispose();
}, 30_000);

const at = (id: string) => page.getByTestId(id);
const row = (name: string) => at("subtitle-track").filter({ hasText: name });
const file = (name: string, content: Uint8Array | string) => ({
  name,
  mimeType: "",
  buffer: Buffer.from(content as string),
});

/** Goes to where something is said and waits until the player shows it. */
const expectShown = async (expected: string): Promise<void> => {
  await page.locator('[data-testid="player"][data-state="ready"]').waitFor();
  await eventually(
    `the player to show ${JSON.stringify(expected)}`,
    async () => {
      await page.locator("video").evaluate((video: HTMLVideoElement) => {
        if (Math.abs(video.currentTime - 2) > 0.1) video.currentTime = 2;
      });
      const texts = await page.locator(".shaka-text-container").allTextContents();
      return texts.join("").replace(/\s+/g, " ").trim() === expected;
    },
    STEP_TIMEOUT_MS / 1000,
  );
};

test("a subtitle file is added while the video is converted, and shown once it plays", async () => {
  const bytes = await bytesOf(await testClip({ seconds: 6, height: 360 }));
  ({ videoId } = await upload(client, { name: "film.mp4", bytes }));
  await page.goto(`${platform.url}/watch/${videoId}`);
  await at("no-subtitles").waitFor();
  await at("add-subtitles").click();
  // As old programs for Windows wrote it.
  await at("subtitle-file").setInputFiles(file("film.de.srt", Buffer.from(german, "latin1")));
  expect(await at("subtitle-language").inputValue()).toBe("de");
  await at("subtitle-default").check();
  await at("dialog-confirm").click();
  await row("German").waitFor();
  expect(await row("German").textContent()).toContain("shown by default");
  await expectShown("Grüße aus Köln");
}, 180_000);

test("another one is added with the keyboard alone to the finished video, and can be chosen at once", async () => {
  await at("add-subtitles").focus();
  await page.keyboard.press("Enter");
  await at("subtitles-dialog").waitFor();
  await at("subtitle-file").setInputFiles(file("film.en.vtt", english));
  await at("subtitle-label").focus();
  await page.keyboard.type("English, with names");
  await at("subtitle-kind").selectOption("captions");
  await at("subtitle-default").focus();
  await page.keyboard.press("Space");
  await at("subtitle-label").focus();
  await page.keyboard.press("Enter");
  await row("English, with names").waitFor();
  expect(await row("English, with names").textContent()).toContain("English · captions");
  // The player has loaded the presentation again, and the new default with it.
  await expectShown("Good day alert(1)");
  const { body } = await client.request("GET", `/videos/${videoId}/playback`);
  const mpd = await (await fetch(String(body.dashUrl))).text();
  const master = await (await fetch(String(body.hlsUrl))).text();
  expect(mpd.match(/contentType="text"/g)).toHaveLength(2);
  expect(master.match(/TYPE=SUBTITLES/g)).toHaveLength(2);
}, 120_000);

test("a file that is no subtitles says so in the dialog, which stays", async () => {
  await at("add-subtitles").click();
  await at("subtitle-file").setInputFiles(file("notes.srt", "only words"));
  await at("dialog-confirm").click();
  const dialog = at("subtitles-dialog");
  await dialog.getByText("No subtitles could be read in this file").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await at("subtitle-track").count()).toBe(2);
}, 60_000);

test("name and default can be changed", async () => {
  await row("German").getByTestId("edit-subtitles").click();
  await at("subtitle-label").fill("Deutsch");
  await at("subtitle-default").check();
  await at("dialog-confirm").click();
  await row("Deutsch").waitFor();
  await eventually(
    "the other one to be the default no longer",
    async () => !(await row("English").textContent())?.includes("by default"),
    10,
  );
  await expectShown("Grüße aus Köln");
}, 120_000);

test("one is deleted after a question, and nobody can choose it any more", async () => {
  await row("Deutsch").getByTestId("delete-subtitles").click();
  await at("dialog-cancel").click();
  await row("Deutsch").getByTestId("delete-subtitles").click();
  await at("dialog-confirm").click();
  await row("Deutsch").waitFor({ state: "detached" });
  const { body } = await client.request("GET", `/videos/${videoId}/playback`);
  expect(await (await fetch(String(body.dashUrl))).text()).not.toContain('lang="de"');
}, 120_000);

test("on a phone nothing is wider than the screen", async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await at("add-subtitles").click();
  await at("subtitles-dialog").waitFor();
  const tooWide = await page.evaluate(() =>
    document.documentElement.scrollWidth <= 360
      ? []
      : [...document.querySelectorAll("*")]
          .filter((element) => element.getBoundingClientRect().right > 360)
          .map((element) => element.outerHTML.slice(0, 80)),
  );
  expect(tooWide).toEqual([]);
  await page.keyboard.press("Escape");
}, 60_000);

test("nothing in the browser's console was an error", () => {
  // The refused file is an answer, which browsers write down as an error.
  expect(complaints.filter((line) => !line.includes("422"))).toEqual([]);
});
