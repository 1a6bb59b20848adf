import type { Author } from "./person.ts";

/** Someone as nodes tell each other of them: with what decides who keeps a name that two bear. */
export interface NameClaim extends Author {
  /** What they wanted to be called: `name` may have a number that they were given. */
  readonly asked: string;
  /**
   * When they did, in milliseconds since 1970 by the clock of the node they came to; 0 for those of
   * a node that does not say.
   */
  readonly since: number;
  /** The name, or one that looks like it, is their account's. */
  readonly owns: boolean;
}

/** Whether `one` keeps a name that both bear, and `other` yields: every node answers alike. */
export function outranks(one: NameClaim, other: NameClaim): boolean {
  if (one.owns !== other.owns) return one.owns;
  if (isAsked(one) !== isAsked(other)) return isAsked(one);
  if (one.since !== other.since) return one.since < other.since;
  return one.id < other.id;
}

/** Whether one person, who goes by both on two nodes, is to be called as `one`: what they asked for last. */
export function replaces(one: NameClaim, other: NameClaim): boolean {
  if (one.asked === other.asked) {
    if (isAsked(one) !== isAsked(other)) return isAsked(one);
    return one.name < other.name;
  }
  if (one.since !== other.since) return one.since > other.since;
  return one.asked > other.asked;
}

function isAsked({ name, asked }: NameClaim): boolean {
  return name === asked;
}
