import { EXIT_OK, EXIT_UNAVAILABLE } from "./command-line.ts";

/** An answer later than this is none. Below the time that container engines give a check by default, 30 s. */
const ANSWER_WITHIN_MS = 5_000;

/** Names of "every address of this machine", under which nobody can be reached. */
const ANY_ADDRESS: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };

/** Where a process of this machine reaches a service that listens on `host` and `port`. */
export const readinessUrl = (host: string, port: number): string => {
  const name = ANY_ADDRESS[host] ?? (host.includes(":") ? `[${host}]` : host);
  return `http://${name}:${port}/health/ready`;
};

/**
 * `--health`: asks the running service whether it can do its work. Container images have no shell and
 * no curl, so the executable is its own health check.
 * @returns the exit code: 0 when it is ready, else 69
 */
export const askHealth = async (
  name: string,
  url: string,
  withinMs: number = ANSWER_WITHIN_MS,
): Promise<number> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(withinMs) });
    const said = (await answer.text()).slice(0, 500);
    (answer.ok ? console.log : console.error)(`${name}: ${answer.status} ${said}`);
    return answer.ok ? EXIT_OK : EXIT_UNAVAILABLE;
  } catch (thrown) {
    console.error(`${name}: ${url} does not answer: ${(thrown as Error).message}`);
    return EXIT_UNAVAILABLE;
  }
};
