import { SETTINGS } from "../model/settings.ts";

/** The text of `--help`. */
export function usage(): string {
  const flags = Object.entries(SETTINGS).map(
    ([name, { value, help }]) => `  ${`--${name} ${value}`.padEnd(24)}${help}`,
  );
  return [
    "chatroom — the chat room that is one file",
    "",
    "  chatroom [serve] [settings]   start the server",
    "  chatroom setup-link [settings]   create another one-time link for an administrator",
    "  chatroom token new NAME [--scopes read,post,moderate,admin] [--rooms ROOM,ROOM] [settings]",
    "  chatroom token list | end ID [settings]   list or end bots' tokens",
    "  chatroom backup FILE [settings]   copy the embedded database, while the server runs",
    "  chatroom restore FILE [settings]   turn a copy into the database of a new data folder",
    "  chatroom recover FILE [settings]   copy what is readable of a damaged database, for restore",
    "  chatroom migrate --from sqlite:PATH --to postgres://…   move to PostgreSQL",
    "  chatroom handlers init DIR    write types and examples for handlers",
    "  chatroom handlers check DIR   check handlers: types, loading, and one message",
    "  chatroom --help | --version",
    "",
    ...flags,
    "",
    "Each is also an environment variable (CHATROOM_ and the name in capitals, - as _) and a TOML key.",
    "",
  ].join("\n");
}
