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
/** A node has four connections to PostgreSQL: searches leave two of them to everything else. */
const SEARCH_TURNS = { atOnce: 2, waiting: 8 };
/** Rooms one person may make their own at once, and then one in ten minutes. */
const CLAIMS = { burst: 5, perSecond: 1 / 600 };
/** All people of one network. */
const NETWORK_CLAIMS = { burst: 15, perSecond: 1 / 200 };

/** Notices one person may cause, and is sent, at once, and then one each half minute. */
const TALK_REQUESTS = { burst: 5, perSecond: 1 / 30 };

/** What one person, or one network, may do in a time. */
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

/** Notices that someone wants to talk to someone alone. */
export interface TalkRequests {
  /** By who asks. */
  readonly from: Rates;
  /** By who is asked. */
  readonly to: Rates;
}

/** Rooms that people make their own. */
export interface RoomClaims {
  readonly people: Rates;
  readonly networks: NetworkRates;
}

export interface RateLimitDeps {
  readonly records: Records;
  readonly observer: Observer;
  readonly limits: Limits;
  /** Bytes of all uploads together. */
  readonly uploadTotal: number;
  /** Whether rates are limited at all. */
  readonly isLimited: boolean;
  readonly now: () => number;
}

/** `recheck` tells every node that the rights of these subjects have changed. */
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
