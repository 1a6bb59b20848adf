import type { Refusal } from "../../model/base/errors.ts";
import { NetworkRates, Rates } from "./rates.ts";

/** Password attempts from one network. */
const NETWORK = { burst: 10, perSecond: 0.2 };
/** Attempts for one name from one network. */
const NAME_FROM_NETWORK = { burst: 5, perSecond: 0.05 };
/**
 * Attempts for one name from networks its owner has not signed in from: about 43,000 a day from all
 * addresses together.
 */
const NAME = { burst: 100, perSecond: 0.5 };
/** Attempts of a signed-in person for their own password. */
const ACCOUNT = { burst: 10, perSecond: 0.2 };

/** Bounds password attempts, without letting anyone's attempts lock out others. */
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

  /** Counts it for the name too, if its owner has not signed in from that network. */
  consumeStrange(name: string): Refusal | null {
    return this.#names.consume(name);
  }

  /** Counts a password with which a signed-in person confirms their identity. */
  consumeOwn(account: string): Refusal | null {
    return this.#accounts.consume(account);
  }
}
