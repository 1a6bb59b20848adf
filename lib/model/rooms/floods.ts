import type { Rate } from "../base/rate.ts";

/** What is done about those who send too much; an administrator may change it while it runs. */
export interface FloodSettings {
  /** Messages of one person. */
  readonly person: Rate;
  /** Messages of one address, whoever sends them. */
  readonly network: Rate;
  /** What a frame costs that is no frame, or a text that is no message. */
  readonly invalidCost: number;
  /** Refusals in a minute after which someone is kept quiet; 0: never. */
  readonly strikes: number;
  /** Seconds of the first time; each further one within a day is twice as long. */
  readonly muteSeconds: number;
  readonly longestSeconds: number;
}

export const DEFAULT_FLOODS: FloodSettings = {
  person: { burst: 20, perSecond: 5 },
  network: { burst: 200, perSecond: 50 },
  invalidCost: 4,
  strikes: 30,
  muteSeconds: 60,
  longestSeconds: 24 * 60 * 60,
};

/** Milliseconds of the next mute, after `before` others within a day. */
export function nextMute({ muteSeconds, longestSeconds }: FloodSettings, before: number): number {
  return Math.min(muteSeconds * 2 ** Math.min(before, 30), longestSeconds) * 1000;
}

const MOST = 1_000_000;

/** Settings that were stored or typed in; what is missing or makes no sense is as by default. */
export function floodSettings(value: unknown): FloodSettings {
  const fields: Record<string, unknown> =
    typeof value === "object" && value !== null ? { ...value } : {};
  const number = (from: Record<string, unknown>, name: string, least: number, instead: number) => {
    const given = from[name];
    const fits = typeof given === "number" && Number.isFinite(given);
    return fits && given >= least && given <= MOST ? given : instead;
  };
  const rate = (name: "person" | "network"): Rate => {
    const given = fields[name];
    const parts: Record<string, unknown> =
      typeof given === "object" && given !== null ? { ...given } : {};
    const { burst, perSecond } = DEFAULT_FLOODS[name];
    return {
      burst: number(parts, "burst", 1, burst),
      perSecond: number(parts, "perSecond", 0.01, perSecond),
    };
  };
  const { invalidCost, strikes, muteSeconds, longestSeconds } = DEFAULT_FLOODS;
  return {
    person: rate("person"),
    network: rate("network"),
    invalidCost: number(fields, "invalidCost", 0, invalidCost),
    strikes: number(fields, "strikes", 0, strikes),
    muteSeconds: number(fields, "muteSeconds", 1, muteSeconds),
    longestSeconds: number(fields, "longestSeconds", 1, longestSeconds),
  };
}
