import type { Refusal } from "../../model/base/errors.ts";
import { NetworkRates, Rates } from "./rates.ts";

/** Passwords of any kind that may be tried from one network. */
const NETWORK = { burst: 10, perSecond: 0.2 };
/** For one name from one network. */
const NAME_FROM_NETWORK = { burst: 5, perSecond: 0.05 };
/**
 * For one name from networks its owner has not signed in from: what many addresses together may guess,
 * some 43,000 a day.
 */
const NAME = { burst: 100, perSecond: 0.5 };
/** Their own password, by someone who is signed in. */
const ACCOUNT = { burst: 10, perSecond: 0.2 };

/** Bounds how many passwords are tried, so that nobody is kept out by what others try. */
export class AuthAttempts {
  readonly #networks: NetworkRates;
  readonly #namesFromNetworks: Rates;
  readonly #names: Rates;
  readonly #accounts: Rates;

  constructor(isLimited: boolean, now: () => number) {
    this.#networks = new NetworkRates(isLimited ? NETWORK : null, now);
    this.#namesFromNetworks = new Rates(isLimited ? NAME_FROM_NETWORK : null, now);
    this.#names = new Rates(isLimited ? NAME : null, now);
    this.#accounts = new Rates(isLimited ? ACCOUNT : null, now);
  }

  /** Counts a new password, or one of a room. */
  consume(network: string): Refusal | null {
    return this.#networks.consume(network);
  }

  /** Counts an attempt to sign in, before the account is read. */
  consumeName(name: string, network: string): Refusal | null {
    return this.#networks.consume(network) ?? this.#namesFromNetworks.consume(`${network} ${name}`);
  }

  /** Counts the same attempt for the name, where its owner has not signed in from that network. */
  consumeStrange(name: string): Refusal | null {
    return this.#names.consume(name);
  }

  /** Counts a password by which someone who is signed in proves who they are. */
  consumeOwn(account: string): Refusal | null {
    return this.#accounts.consume(account);
  }
}
