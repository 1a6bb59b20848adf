import { parseAddress } from "../../model/base/address.ts";
import type { Config } from "../../model/config.ts";

/**
 * Checks the `Host` of a request, so that no page can give this server a name of its own and read
 * it as itself (DNS rebinding). Accepts the names of `--url`, of each `--origin` and of `--host`,
 * `localhost`, and every IP address, which no name server can redirect. Without `--url` and
 * `--origin` all names are accepted, since none are known.
 */
export function hostCheck({ origins, host }: Config): (host: string) => boolean {
  if (origins.length === 0) return () => true;
  const addresses = [...origins, `http://${host}`];
  const names = new Set(addresses.map((address) => URL.parse(address)?.hostname));
  return (asked) => {
    const name = URL.parse(`http://${asked}`)?.hostname ?? "";
    const isLocal = name === "localhost" || name.endsWith(".localhost");
    const isAddress = parseAddress(name.replace(/^\[(.*)\]$/, "$1")) !== null;
    return isLocal || isAddress || names.has(name);
  };
}
