import { SYSTEM } from "../../model/people/audit.ts";
import {
  DEFAULT_FLOODS,
  floodSettings,
  type FloodSettings,
  nextMute,
} from "../../model/rooms/floods.ts";
import type { Refusal } from "../../model/base/errors.ts";
import type { Access } from "../../model/rooms/authorize.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Author } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import { atLeast } from "../../model/people/role.ts";
import { personSubject, networkSubject } from "../../model/rooms/sanction.ts";
import { NetworkRates, Rates } from "./rates.ts";

/** The key of the setting. */
export const FLOODS_SETTING = "floods";
const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60_000;
/** Bytes of text from one network at once, and then each second: 1.4 GB a day. */
const NETWORK_BYTES = { burst: 1024 * 1024, perSecond: 16 * 1024 };
/** Guests of one network are muted together after this many times the strikes of one person. */
const PLACE_FACTOR = 4;

/**
 * Limits messages with a bucket for each person and for each network. Every refusal is a strike;
 * too many within a minute mute the person, each time twice as long. Guests' networks get strikes
 * too, since a new cookie makes a new guest.
 */
export class Floods {
  #settings: FloodSettings = DEFAULT_FLOODS;
  #people: Rates;
  #networks: NetworkRates;
  readonly #bytes: NetworkRates;
  readonly #strikes = new Map<string, { count: number; until: number }>();
  #sweepAt = 256;
  /**
   * The end of mutes imposed by this node, including those still being written, so that one flood
   * causes one mute.
   */
  readonly #muted = new Map<string, number>();

  constructor(
    readonly records: Records,
    readonly observer: Observer,
    readonly now: () => number,
    /** Whether there are limits at all. */
    readonly on: boolean,
    /** Announces a change of rights to every node. */
    readonly recheck: (subjects: readonly string[]) => void,
  ) {
    this.#people = new Rates(null, now);
    this.#networks = new NetworkRates(null, now);
    this.#bytes = new NetworkRates(on ? NETWORK_BYTES : null, now);
    this.use(DEFAULT_FLOODS);
  }

  get settings(): FloodSettings {
    return this.#settings;
  }

  /** Loads the settings; keeps the present ones if that fails. */
  async load(setting: (key: string) => Promise<string | null>): Promise<void> {
    try {
      const json = await setting(FLOODS_SETTING);
      if (json !== null) this.use(floodSettings(JSON.parse(json)));
    } catch (fault) {
      this.observer.log("error", "settings not read", { fault: String(fault) });
    }
  }

  use(settings: FloodSettings): void {
    this.#settings = settings;
    this.#people = new Rates(this.on ? settings.person : null, this.now);
    this.#networks = new NetworkRates(this.on ? settings.network : null, this.now);
  }

  /** Takes a message of so many bytes from the buckets, or refuses it. */
  consume(author: Author, access: Access, bytes = 0): Refusal | null {
    if (!this.on) return null;
    const refusal = this.#people.consume(author.id) ?? this.#networks.consume(access.network);
    if (refusal) this.#strike(author, access, 1);
    return refusal ?? this.#bytes.consume(access.network, bytes);
  }

  /** Counts an invalid frame, which costs more than a message. */
  invalid(author: Author, access: Access): void {
    const { invalidCost } = this.#settings;
    if (!this.on || invalidCost === 0) return;
    if (this.#people.consume(author.id, invalidCost)) this.#strike(author, access, invalidCost);
  }

  #strike(author: Author, access: Access, weight: number): void {
    const { strikes } = this.#settings;
    if (strikes === 0 || access.mutedUntil > this.now()) return;
    if (atLeast(access.role, "moderator")) return;
    const person = personSubject(author.id);
    if ((this.#muted.get(person) ?? 0) > this.now()) return;
    this.#count(person, author, weight, strikes);
    if (access.role === "guest" && access.network !== "") {
      this.#count(networkSubject(access.network), author, weight, strikes * PLACE_FACTOR);
    }
  }

  #count(subject: string, author: Author, weight: number, most: number): void {
    const now = this.now();
    if ((this.#muted.get(subject) ?? 0) > now) return;
    const last = this.#strikes.get(subject);
    const fresh = last && last.until > now ? last : { count: 0, until: now + MINUTE_MS };
    fresh.count += weight;
    this.#strikes.set(subject, fresh);
    if (this.#strikes.size > this.#sweepAt) this.#sweep(now);
    if (fresh.count < most) return;
    this.#strikes.delete(subject);
    this.#muted.set(subject, Number.POSITIVE_INFINITY);
    void this.#mute(subject, author).then((until) => this.#muted.set(subject, until));
  }

  #sweep(now: number): void {
    for (const [subject, { until }] of this.#strikes) {
      if (until <= now) this.#strikes.delete(subject);
    }
    for (const [subject, until] of this.#muted) if (until <= now) this.#muted.delete(subject);
    this.#sweepAt = Math.max(256, this.#strikes.size * 2);
  }

  /** Resolves to its end; at once if it could not be written. */
  async #mute(subject: string, { id, name }: Author): Promise<number> {
    const { sanctions } = this.records;
    const at = this.now();
    try {
      const before = await sanctions.timesMuted(subject, at - DAY_MS);
      const until = at + nextMute(this.#settings, before);
      const [room, reason, byRole] = ["", "Too many messages.", "moderator"] as const;
      await sanctions.impose(
        [{ what: "mute", room, subject, name, reason, by: SYSTEM, byRole, at, until }],
        {
          at,
          by: SYSTEM,
          action: "flood.mute",
          room,
          subject: subject === personSubject(id) ? id : subject,
          subjectName: name,
          reason,
        },
      );
      this.observer.count("flood_mutes");
      this.recheck([subject]);
      return until;
    } catch (fault) {
      this.observer.log("error", "flood not stopped", { fault: String(fault) });
      return at;
    }
  }
}
