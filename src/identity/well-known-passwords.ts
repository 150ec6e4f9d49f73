/**
 * The passwords attackers try first: about 18,000 of 8 characters and more, from zxcvbn's list.
 * Loaded on first use, since it takes some milliseconds and megabytes.
 */
export const isWellKnown = async (password: string): Promise<boolean> =>
  (await wellKnown()).has(password.toLowerCase());

let loading: Promise<ReadonlySet<string>> | undefined;
const wellKnown = (): Promise<ReadonlySet<string>> => {
  loading ??= import("@zxcvbn-ts/language-common").then(
    ({ dictionary }) => new Set(dictionary["passwords-common"].map(String)),
  );
  return loading;
};
