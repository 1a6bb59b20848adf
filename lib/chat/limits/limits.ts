import type { Observer } from "../../model/base/observer.ts";
import type { Records } from "../../model/records.ts";
import type { Limits } from "../../model/wire/limits.ts";
import { AuthAttempts } from "./auth-attempts.ts";
import { Floods } from "./floods.ts";
import { NetworkRates, Rates } from "./rates.ts";
import { Reads } from "./reads.ts";
import { SlowMode } from "./slow.ts";
import { FairQueue } from "./fair-queue.ts";
import { UploadQuota } from "./upload-quota.ts";

/** Searches from one network at once, and then each second. */
const SEARCHES = { burst: 30, perSecond: 5 };
/** A node has four connections to PostgreSQL; searches use at most two of them. */
const SEARCH_TURNS = { atOnce: 2, waiting: 8 };
/** Rooms one person may claim at once, and then one in ten minutes. */
const CLAIMS = { burst: 5, perSecond: 1 / 600 };
/** The same for all people of one network. */
const NETWORK_CLAIMS = { burst: 15, perSecond: 1 / 200 };

/** Notices one person may cause, or receive, at once, and then one every half minute. */
const TALK_REQUESTS = { burst: 5, perSecond: 1 / 30 };

/** The rate limits of people and networks. */
export interface RateLimits {
  /** Messages and commands, by person and by network. */
  readonly floods: Floods;
  /** Messages in slow rooms, by room and person. */
  readonly slow: SlowMode;
  /** Pages of the log and starts, by person and by network. */
  readonly reads: Reads;
  /** Searches, by network. */
  readonly searches: NetworkRates;
  /** Searches that are under way, by network. */
  readonly searchTurns: FairQueue;
  readonly authAttempts: AuthAttempts;
  readonly claims: RoomClaims;
  readonly talkRequests: TalkRequests;
  readonly uploads: UploadQuota;
}

/** Notices of private talks. */
export interface TalkRequests {
  /** By their sender. */
  readonly from: Rates;
  /** By their receiver. */
  readonly to: Rates;
}

/** Rooms claimed by people. */
export interface RoomClaims {
  readonly people: Rates;
  readonly networks: NetworkRates;
}

export interface RateLimitDeps {
  readonly records: Records;
  readonly observer: Observer;
  readonly limits: Limits;
  /** The most bytes in all uploads together. */
  readonly uploadTotal: number;
  /** Whether rates are limited. */
  readonly isLimited: boolean;
  readonly now: () => number;
}

/** `recheck` announces a change of these subjects' rights to every node. */
export function createLimits(
  { records, observer, limits, uploadTotal, isLimited, now }: RateLimitDeps,
  recheck: (subjects: readonly string[]) => void,
): RateLimits {
  return {
    floods: new Floods(records, observer, now, isLimited, recheck),
    slow: new SlowMode(),
    reads: new Reads(isLimited, now),
    searches: new NetworkRates(isLimited ? SEARCHES : null, now),
    searchTurns: new FairQueue({ ...SEARCH_TURNS, ...(isLimited ? {} : { waiting: Infinity }) }),
    authAttempts: new AuthAttempts(isLimited, now),
    claims: {
      people: new Rates(isLimited ? CLAIMS : null, now),
      networks: new NetworkRates(isLimited ? NETWORK_CLAIMS : null, now),
    },
    talkRequests: {
      from: new Rates(isLimited ? TALK_REQUESTS : null, now),
      to: new Rates(isLimited ? TALK_REQUESTS : null, now),
    },
    uploads: new UploadQuota({ largest: limits.upload, total: uploadTotal, isLimited, now }),
  };
}
