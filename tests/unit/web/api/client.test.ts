import { expect, test } from "bun:test";
import { createClient, type SessionTimes } from "../../../../src/web/api/client.ts";
import { ApiError } from "../../../../src/web/api/problem.ts";

const START_MS = Date.parse("2026-11-22T10:00:00Z");
const TEN_MINUTES_MS = 600_000;

type World = {
  /** Whether the access cookie of this browser still counts. */
  signedIn: boolean;
  /** Whether the refresh token still counts. */
  refreshable: boolean;
  nowMs: number;
  times: SessionTimes | null;
  calls: string[];
  ended: number;
};

const problem = (status: number, code: string) =>
  Response.json({ code, detail: `about ${code}` }, { status });

/** A server and a browser small enough to see through; several clients on it are several tabs. */
const createWorld = (state: Partial<World> = {}) => {
  const world: World = {
    signedIn: false,
    refreshable: true,
    nowMs: START_MS,
    times: { refreshedAtMs: START_MS - TEN_MINUTES_MS, accessExpiresAtMs: START_MS + 300_000 },
    calls: [],
    ended: 0,
    ...state,
  };
  const answer = (path: string): Response => {
    world.calls.push(path);
    if (path === "/auth/refresh") {
      if (!world.refreshable) {
        return problem(401, "session_ended");
      }
      world.signedIn = true;
      return Response.json(
        { accessTokenExpiresAt: new Date(world.nowMs + TEN_MINUTES_MS).toISOString() },
        { headers: { date: new Date(world.nowMs).toUTCString() } },
      );
    }
    return world.signedIn ? Response.json({ path }) : problem(401, "not_signed_in");
  };
  let turn: Promise<void> = Promise.resolve();
  const tab = () =>
    createClient(
      {
        fetch: async (path) => {
          await Bun.sleep(0);
          world.nowMs += 1;
          return answer(path);
        },
        exclusively: (run) => {
          const mine = turn.then(run);
          turn = mine.catch(() => undefined);
          return mine;
        },
        sessionTimes: () => world.times,
        rememberSession: (times) => {
          world.times = times;
        },
        nowMs: () => world.nowMs,
      },
      () => {
        world.ended += 1;
      },
    );
  return { world, tab };
};

const refreshes = ({ calls }: World) => calls.filter((path) => path === "/auth/refresh").length;

test("requests that meet a worn-out cookie together share one refresh and are repeated", async () => {
  const { world, tab } = createWorld();
  const { request } = tab();
  const answers = await Promise.all(["/a", "/b", "/c"].map((path) => request<unknown>(path)));
  expect(answers).toEqual([{ path: "/a" }, { path: "/b" }, { path: "/c" }]);
  expect(refreshes(world)).toBe(1);
});

test("two tabs share one refresh", async () => {
  const { world, tab } = createWorld();
  await Promise.all([tab().request("/a"), tab().request("/b")]);
  expect(refreshes(world)).toBe(1);
});

test("a cookie about to end is renewed before the request, which then looks signed in at once", async () => {
  const { world, tab } = createWorld({
    signedIn: true,
    times: { refreshedAtMs: START_MS - TEN_MINUTES_MS, accessExpiresAtMs: START_MS + 5000 },
  });
  await tab().request("/videos/1");
  expect(world.calls).toEqual(["/auth/refresh", "/videos/1"]);
  // The answer's Date header has whole seconds only.
  expect(world.times?.accessExpiresAtMs).toBeCloseTo(START_MS + TEN_MINUTES_MS, -4);
});

test("a session that cannot be refreshed is told once, and the error is the server's", async () => {
  const { world, tab } = createWorld({ refreshable: false });
  const failure = await tab()
    .request("/a")
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ApiError);
  expect((failure as ApiError).message).toBe("about session_ended");
  expect(world.ended).toBe(1);
  expect(world.times).toBeNull();
});

test("strangers are not sent to refresh", async () => {
  const { world, tab } = createWorld({ times: null });
  await tab()
    .request("/auth/me")
    .catch(() => undefined);
  expect(world.calls).toEqual(["/auth/me"]);
});

test("a wrong password is no reason to refresh", async () => {
  const { world, tab } = createWorld();
  const options = { method: "POST", body: {}, refresh: false } as const;
  await tab()
    .request("/auth/login", options)
    .catch(() => undefined);
  expect(world.calls).toEqual(["/auth/login"]);
  expect(world.ended).toBe(0);
});

test("a login that asks for another step begins no session", async () => {
  let remembered = 0;
  const { request } = createClient(
    {
      fetch: async () => Response.json({ challenge: { name: "totp", token: "t" } }),
      exclusively: (run) => run(),
      sessionTimes: () => null,
      rememberSession: () => {
        remembered += 1;
      },
      nowMs: () => START_MS,
    },
    () => {},
  );
  const options = { method: "POST", body: {}, refresh: false, givesSession: true } as const;
  expect(await request<unknown>("/auth/login", options)).toEqual({
    challenge: { name: "totp", token: "t" },
  });
  expect(remembered).toBe(0);
});
