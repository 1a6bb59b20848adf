import type { Rate } from "../base/rate.ts";

/** Flood protection; an administrator may change it at run time. */
export interface FloodSettings {
  /** Messages of one person. */
  readonly person: Rate;
  /** Messages of one network. */
  readonly network: Rate;
  /** Cost of an invalid frame, or of a text that cannot be a message, in messages. */
  readonly invalidCost: number;
  /** Refusals within a minute after which a person is muted; 0: never. */
  readonly strikes: number;
  /** Seconds of the first mute; each further one within a day is twice as long. */
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

/** Reads stored or submitted settings; missing or invalid ones get their default. */
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
