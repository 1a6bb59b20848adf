import { ConfigError } from "../../model/config.ts";

/** The oldest version supported by the PostgreSQL project in 2025. */
const OLDEST = 13;

/** Why this server cannot be used, or null if it can. `version` is `server_version_num`. */
export function refuseServer(version: number, encoding: string): ConfigError | null {
  if (version < OLDEST * 10_000) {
    const major = Math.floor(version / 10_000);
    return new ConfigError(`--database: PostgreSQL ${major} is too old; ${OLDEST} is the oldest`);
  }
  if (encoding !== "UTF8") {
    return new ConfigError(`--database: its encoding is ${encoding}; create it with UTF8`);
  }
  return null;
}

/**
 * Explains a failure at the start in one line for the operator, without the password. Unknown
 * failures are returned unchanged.
 */
export function explain(fault: unknown, url: string): unknown {
  const wrong = (text: string) => new ConfigError(`--database: ${text}`);
  const address = URL.parse(url);
  if (!address) return wrong("must be postgres://user:password@host:port/database");
  if (!(fault instanceof Bun.SQL.PostgresError)) return fault;
  const { host, pathname, username } = address;
  const database = pathname.slice(1) || username;
  const user = username || "(default)";
  switch (fault.errno) {
    case "28P01":
    case "28000":
      return wrong(`${host} does not let user ${user} in: ${fault.message}`);
    case "3D000":
      return wrong(`there is no database ${database} on ${host}`);
    case "25006":
      return wrong(`${host} only reads; name the primary, not a standby`);
    case "53300":
      return wrong(`${host} has no connection left for a node's six: raise max_connections`);
    case "42501":
      return wrong(
        `user ${user} may not create tables in ${database}: ` +
          `GRANT CREATE, USAGE ON SCHEMA public TO ${user}`,
      );
  }
  if (fault.code === "ERR_POSTGRES_CONNECTION_REFUSED") return wrong(`nothing answers at ${host}`);
  if (fault.code === "ERR_POSTGRES_CONNECTION_CLOSED") return wrong(`${host} ended the connection`);
  if (/^ERR_POSTGRES_CONNECTION_(?:FAILED|TIMEOUT)$/.test(fault.code)) {
    return wrong(`${host} does not answer as PostgreSQL does`);
  }
  return fault;
}
