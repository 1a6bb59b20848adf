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
    "  chatroom setup-link [settings]   make another one-time link for an administrator",
    "  chatroom token new NAME [--scopes read,post,moderate,admin] [--rooms ROOM,ROOM] [settings]",
    "  chatroom token list | end ID [settings]   tokens by which programs come in",
    "  chatroom backup FILE [settings]   copy the embedded database, while the server runs",
    "  chatroom restore FILE [settings]   make a copy the database, where there is none",
    "  chatroom recover FILE [settings]   copy what is whole in a damaged database, for restore",
    "  chatroom migrate --from sqlite:PATH --to postgres://…   move to PostgreSQL",
    "  chatroom handlers init DIR    write types and examples for handlers of your own",
    "  chatroom handlers check DIR   check their types, load them, and hand them one message",
    "  chatroom --help | --version",
    "",
    ...flags,
    "",
    "Each is also an environment variable (CHATROOM_ and the name in capitals, - as _) and a TOML key.",
    "",
  ].join("\n");
}
