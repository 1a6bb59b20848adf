import { isRange } from "./base/address.ts";
import { LOG_LEVELS } from "./base/observer.ts";

export interface Setting {
  readonly value: string;
  readonly help: string;
  readonly repeatable?: true;
  /** Why `text` is not a valid value, or null if it is. */
  readonly wrong: (text: string) => string | null;
}

const any = () => null;
const matches = (pattern: RegExp, what: string) => (text: string) =>
  pattern.test(text) ? null : what;
const oneOf =
  (...choices: readonly string[]) =>
  (text: string) =>
    choices.includes(text) ? null : `one of ${choices.join(", ")}`;

/**
 * Every setting. Flags, environment variables, TOML keys and `--help` are derived from this table.
 */
export const SETTINGS: Readonly<Record<string, Setting>> = {
  port: {
    value: "N",
    help: "port to listen on; 0 takes any free one (8000)",
    wrong: (text) =>
      /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? null : "a whole number from 0 to 65535",
  },
  host: {
    value: "HOST",
    help: "address to listen on (0.0.0.0)",
    wrong: matches(/^\S+$/, "a host"),
  },
  data: {
    value: "DIR",
    help: "data folder (./data)",
    wrong: matches(/./, "a folder"),
  },
  database: {
    value: "URL",
    help: "sqlite:PATH or postgres://… (a file in the data folder)",
    wrong: matches(/^(?:sqlite:.+|postgres(?:ql)?:\/\/.+)$/, "sqlite:PATH or postgres://…"),
  },
  broker: {
    value: "URL",
    help: "memory:, postgres: or redis://… (the database's default)",
    wrong: matches(/^(?:memory:|postgres:|rediss?:\/\/.+)$/, "memory:, postgres: or redis://…"),
  },
  handlers: {
    value: "DIR",
    help: "folder of TypeScript or JavaScript handlers (none)",
    wrong: matches(/./, "a folder"),
  },
  "handlers-fail": {
    value: "open|closed",
    help: "closed: refuse messages that a handler fails to judge (open)",
    wrong: oneOf("open", "closed"),
  },
  "base-path": {
    value: "PATH",
    help: "serve below a path such as /chat (/)",
    wrong: matches(/^(?:\/|(?:\/(?!\.\.?(?:\/|$))[\w.~-]+)+\/?)$/, "a path such as /chat"),
  },
  url: {
    value: "URL",
    help: "public address, for links; other hosts are refused (as requested)",
    wrong: (text) => (publicUrl(text, "") ? null : "an address such as https://chat.example.org"),
  },
  origin: {
    value: "URL",
    help: "another site whose pages act as their visitor; with --url (repeatable)",
    repeatable: true,
    wrong: matches(/^https?:\/\/[^/\s]+$/, "an origin such as https://example.org"),
  },
  "trust-proxy": {
    value: "CIDR",
    help: "proxies whose forwarded addresses are trusted (repeatable)",
    repeatable: true,
    wrong: (text) => (isRange(text) ? null : "an address range such as 10.0.0.0/8"),
  },
  "allow-outbound": {
    value: "CIDR|HOST",
    help: "non-public addresses that the chat may send to (repeatable)",
    repeatable: true,
    wrong: (text) =>
      isRange(text) || /^(?!.*[/:])[\w.-]+$/.test(text) ? null : "an address range or a host",
  },
  push: {
    value: "off|HOST",
    help: "push services that notices go to (those of Chrome, Edge, Firefox, Safari; repeatable)",
    repeatable: true,
    wrong: matches(/^[a-z0-9][a-z0-9.-]*$/, "off or a host"),
  },
  "push-contact": {
    value: "URL",
    help: "mailto: or https: address that push services may turn to (--url)",
    wrong: matches(/^(?:mailto:[^@\s]+@[^@\s]+\.[^@\s]+|https:\/\/\S+)$/, "mailto:… or https://…"),
  },
  "metrics-token": {
    value: "TOKEN",
    help: "bearer token that opens /metrics to other machines (none)",
    wrong: matches(/^[\x21-\x7e]{16,256}$/, "16 to 256 letters, digits or signs"),
  },
  "tls-cert": { value: "FILE", help: "certificate chain, PEM", wrong: matches(/./, "a file") },
  "tls-key": { value: "FILE", help: "its private key, PEM", wrong: matches(/./, "a file") },
  upload: {
    value: "MIB",
    help: "largest upload, in MiB; 0 disables uploads (25)",
    wrong: (text) =>
      /^\d{1,4}$/.test(text) && Number(text) <= 1024 ? null : "a whole number from 0 to 1024",
  },
  "upload-total": {
    value: "GIB",
    help: "all uploads together, in GiB (64)",
    wrong: (text) =>
      /^\d{1,6}$/.test(text) && Number(text) > 0 ? null : "a whole number from 1 to 999999",
  },
  limits: { value: "on|off", help: "off: no rate limits or caps (on)", wrong: oneOf("on", "off") },
  log: { value: "text|json", help: "form of the log (text)", wrong: oneOf("text", "json") },
  "log-level": {
    value: "LEVEL",
    help: `${LOG_LEVELS.join(", ")} (info)`,
    wrong: oneOf(...LOG_LEVELS),
  },
  config: { value: "FILE", help: "settings in TOML, by the names of the flags", wrong: any },
};

/**
 * A public address with a trailing slash, or null if `text` is none. An address without a path gets
 * `basePath`.
 */
export function publicUrl(text: string, basePath: string): string | null {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.host === "") return null;
  if (url.username + url.password + url.search + url.hash !== "") return null;
  const path = url.pathname === "/" ? basePath : url.pathname;
  return `${url.origin}${path.replace(/\/+$/, "")}/`;
}
