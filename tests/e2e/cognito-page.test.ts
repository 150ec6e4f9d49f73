/** The page in a real browser with accounts in Cognito: the compiled api in front of moto. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { AdminCreateUserCommand } from "@aws-sdk/client-cognito-identity-provider";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { type CognitoFront, exception, startCognitoFront } from "../fixtures/aws/cognito-front.ts";
import { createTestPool, type TestPool } from "../fixtures/aws/cognito-pool.ts";
import { type Emulator, startMoto, testAwsEnvironment } from "../fixtures/aws/emulators.ts";
import { launchBrowser } from "../fixtures/browser.ts";
import { totpCode } from "../fixtures/totp.ts";
import { PASSWORD } from "./support/client.ts";
import { emptyFolder, type Platform, startPlatform } from "./support/platform.ts";

const ADA = "ada@example.org";
const BOB = "bob@example.org";
const OTHER_PASSWORD = "another horse battery staple";
/** A step that hangs fails with a picture of where; nothing here proves speed. */
const STEP_TIMEOUT_MS = 60_000;
/** Where pictures of the pages go, for people to look at; nowhere by default. */
const PICTURES = process.env.PAGE_PICTURES;

let emulator: Emulator;
let front: CognitoFront;
let pool: TestPool;
let folder: Awaited<ReturnType<typeof emptyFolder>>;
let platform: Platform;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  emulator = await startMoto();
  // Rotation without a grace: the hardest for two tabs.
  front = startCognitoFront({ behind: emulator.url, rotation: { graceMs: 0 } });
  pool = await createTestPool(front.url, { secret: true });
  folder = await emptyFolder();
  platform = await startPlatform({
    cwd: folder.path,
    env: { ...testAwsEnvironment, ...pool.settings },
  });
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(STEP_TIMEOUT_MS);
  page = await context.newPage();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await platform?.stop();
  front?.stop();
  await emulator?.stop();
  await folder?.dispose();
});

const at = (id: string) => page.getByTestId(id);
const picture = async (name: string): Promise<void> => {
  if (PICTURES) {
    await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }
};
const signIn = async (email: string, password: string): Promise<void> => {
  await page.goto(`${platform.url}/login`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await at("submit").click();
};
const signOut = () => context.clearCookies();
/** Status of a request of the page's own. */
const status = (path: string, method = "GET") =>
  page.evaluate(
    async ([where, how]) => (await fetch(where ?? "", { method: how ?? "GET" })).status,
    [path, method],
  );

test("sign-up, a wrong code, the right one: in, as the administrator", async () => {
  await page.goto(`${platform.url}/signup`);
  await at("first-run").waitFor();
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill(ADA);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await at("submit").click();
  await at("confirm-form").waitFor();
  expect(await at("codes-by-mail").textContent()).toContain(ADA);
  const code = front.codeFor(ADA);
  await page.getByLabel("Six-digit code").fill(code === "000000" ? "000001" : "000000");
  await at("submit").click();
  await page.getByText("The code is wrong or no longer valid").waitFor();
  await page.getByLabel("Six-digit code").fill(code);
  await at("submit").click();
  await at("empty-library").waitFor();
  const me = await page.evaluate(async () => await (await fetch("/auth/me")).json());
  expect(me).toMatchObject({ email: ADA, name: "Ada Lovelace", role: "admin" });
}, 120_000);

test("cookies are small and out of reach of scripts, and hold nothing of Cognito's", async () => {
  expect(await page.evaluate(() => document.cookie)).toBe("");
  const cookies = await context.cookies(`${platform.url}/auth`);
  expect(cookies.map(({ name }) => name).sort()).toEqual(["access_token", "refresh_token"]);
  for (const { httpOnly, value } of cookies) {
    expect(httpOnly).toBe(true);
    expect(value.length).toBeLessThan(512);
  }
});

test("two tabs that refresh at once both stay signed in, with rotation and no grace", async () => {
  // Renewals are spared for half a minute after the last; make this session look older.
  await Bun.sleep(31_000);
  const other = await context.newPage();
  await other.goto(`${platform.url}/account`);
  const refreshed = (tab: Page) =>
    tab.evaluate(async () => {
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
      const answers = await Promise.all([1, 2, 3].map(() => fetch("/auth/refresh", init)));
      return answers.map((answer) => answer.status);
    });
  const answers = await Promise.all([refreshed(page), refreshed(other)]);
  expect(answers.flat()).toEqual([200, 200, 200, 200, 200, 200]);
  const asked = front.calls.filter(({ operation }) => operation === "GetTokensFromRefreshToken");
  expect(asked).toHaveLength(1);
  expect(await status("/auth/me")).toBe(200);
  expect(await status("/auth/refresh", "GET")).not.toBe(200);
  await other.close();
}, 120_000);

let secret = "";
test("an authenticator app is set up on the account page", async () => {
  await page.goto(`${platform.url}/account`);
  await at("totp-begin").click();
  await at("qr").waitFor();
  secret = await at("totp-secret").inputValue();
  await picture("totp-set-up");
  const wrong = totpCode(secret).replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  await page.getByLabel("Six-digit code").fill(wrong);
  await at("totp-confirm-form").getByTestId("submit").click();
  await page.getByText("The code is wrong or no longer valid").waitFor();
  await page.getByLabel("Six-digit code").fill(totpCode(secret));
  await at("totp-confirm-form").getByTestId("submit").click();
  await at("totp-on").waitFor();
  await picture("totp-on");
}, 120_000);

test("sign-in then asks for its code", async () => {
  await signOut();
  await signIn(ADA, PASSWORD);
  await at("totp-form").waitFor();
  await picture("totp-sign-in");
  const wrong = totpCode(secret).replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  await page.getByLabel("Six-digit code").fill(wrong);
  await at("submit").click();
  await page.getByText("The code is wrong or no longer valid").waitFor();
  expect(await status("/auth/me")).toBe(401);
  await page.getByLabel("Six-digit code").fill(totpCode(secret));
  await at("submit").click();
  await at("empty-library").waitFor();
}, 120_000);

test("signing out everywhere ends every session, and Cognito's too", async () => {
  const before = front.calls.filter(({ operation }) => operation === "GlobalSignOut").length;
  const access = (await context.cookies()).find(({ name }) => name === "access_token")?.value;
  await page.goto(`${platform.url}/account`);
  await at("sign-out-everywhere").click();
  await at("sign-in-form").waitFor();
  expect(front.calls.filter(({ operation }) => operation === "GlobalSignOut")).toHaveLength(
    before + 1,
  );
  // The access token was copied before; it changes nothing any more.
  const answer = await fetch(`${platform.url}/uploads`, {
    method: "POST",
    headers: { authorization: `Bearer ${access}`, "content-type": "application/json" },
    body: JSON.stringify({ fileName: "a.mp4", sizeBytes: 10 }),
  });
  expect(answer.status).toBe(401);
  expect((await answer.json()).code).toBe("session_ended");
}, 120_000);

test("a forgotten password is replaced with the code from the mail", async () => {
  await page.goto(`${platform.url}/forgot`);
  await page.getByLabel("E-mail").fill(ADA);
  await at("submit").click();
  await at("reset-form").waitFor();
  await page.getByLabel("Six-digit code").fill(front.codeFor(ADA));
  await page.getByLabel("New password", { exact: true }).fill(OTHER_PASSWORD);
  await at("submit").click();
  await at("sign-in-form").waitFor();
  await signIn(ADA, PASSWORD);
  await page.getByText("The e-mail address or the password is wrong").waitFor();
  await picture("wrong-password");
  await signIn(ADA, OTHER_PASSWORD);
  await at("totp-form").waitFor();
  await page.getByLabel("Six-digit code").fill(totpCode(secret));
  await at("submit").click();
  await at("empty-library").waitFor();
}, 120_000);

test("the app is turned off with the password", async () => {
  await page.goto(`${platform.url}/account`);
  await at("totp-off").click();
  await at("totp-off-dialog").getByLabel("Password", { exact: true }).fill(OTHER_PASSWORD);
  await at("dialog-confirm").click();
  await at("totp-begin").waitFor();
}, 120_000);

test("an account made in the pool chooses its own password at the first sign-in", async () => {
  await pool.client.send(
    new AdminCreateUserCommand({
      UserPoolId: pool.settings.COGNITO_USER_POOL_ID,
      Username: BOB,
      TemporaryPassword: OTHER_PASSWORD,
      MessageAction: "SUPPRESS",
      UserAttributes: [
        { Name: "email", Value: BOB },
        { Name: "name", Value: "Bob" },
      ],
    }),
  );
  await signOut();
  await signIn(BOB, OTHER_PASSWORD);
  await at("new_password-form").waitFor();
  await picture("new-password");
  await page.getByLabel("New password", { exact: true }).fill("password1");
  await at("submit").click();
  await page.getByText("The password does not meet the rules").waitFor();
  await page.getByLabel("New password", { exact: true }).fill(PASSWORD);
  await at("submit").click();
  await at("empty-library").waitFor();
  const me = await page.evaluate(async () => await (await fetch("/auth/me")).json());
  expect(me).toMatchObject({ email: BOB, name: "Bob", role: "user" });
}, 120_000);

test("a session that Cognito took back ends, and the page says so", async () => {
  front.script = (operation) =>
    operation === "GetTokensFromRefreshToken"
      ? exception("NotAuthorizedException", "Refresh Token has been revoked")
      : null;
  await Bun.sleep(31_000);
  await page.evaluate(() =>
    fetch("/auth/refresh", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    }),
  );
  await page.goto(`${platform.url}/account`);
  await at("sign-in-form").waitFor();
}, 120_000);
