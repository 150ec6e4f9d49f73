import { type RuleId, ruleClauses } from "./rule-clauses.ts";

/** One thing that is wrong with a presentation. */
export type Finding = {
  readonly rule: RuleId;
  /** Where the rule is written. */
  readonly clause: string;
  /** File it was found in, relative to the presentation. */
  readonly file: string;
  /** What is wrong, with the values found and expected. */
  readonly message: string;
};

/** Collects what the rules report. */
export class Findings {
  readonly #all: Finding[] = [];

  /** In the order in which they were reported. */
  get all(): readonly Finding[] {
    return this.#all;
  }

  add(rule: RuleId, file: string, message: string): void {
    this.#all.push({ rule, clause: ruleClauses[rule], file, message });
  }

  /** Reports unless `isMet`. */
  require(isMet: boolean, rule: RuleId, file: string, message: string): void {
    if (!isMet) this.add(rule, file, message);
  }

  /** Reports unless both values are the same, written out. */
  same(
    found: string | number | null | undefined,
    expected: string | number | null | undefined,
    rule: RuleId,
    file: string,
    what: string,
  ): void {
    if (found !== expected) this.add(rule, file, `${what} is ${found}, but ${expected} is right.`);
  }
}
