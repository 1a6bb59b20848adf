import { SETTINGS, publicUrl } from "./settings.ts";
import { PUSH_SERVICES } from "./outbound/push.ts";
import { LOG_LEVELS, type LogLevel } from "./base/observer.ts";

export interface Config {
  /** 0 picks any free port. */
  readonly port: number;
  readonly host: string;
  readonly data: string;
  /** `sqlite:PATH` or `postgres://…`; null: a file in `data`. */
  readonly database: string | null;
  /** `memory:`, `postgres:` or `redis://…`; null: the default for the database. */
  readonly broker: string | null;
  readonly handlers: string | null;
  /** Whether messages are refused when a handler fails to judge them. */
  readonly failClosed: boolean;
  /** Empty, or a path such as `/chat`: a leading slash, no trailing one. */
  readonly basePath: string;
  /**
   * The public address of the base path, absolute, with a trailing slash; null: taken from each
   * request.
   */
  readonly url: string | null;
  /** Origins whose pages act as their visitor: that of `url`, and each `--origin`. */
  readonly origins: readonly string[];
  readonly trustProxy: readonly string[];
  /** Address ranges and hosts that the program may send to although they are not public. */
  readonly allowOutbound: readonly string[];
  /** Hosts of push services that notices are sent to; none: no notices. */
  readonly push: readonly string[];
  /** `mailto:` or `https:`: whom push services may ask about this chat. */
  readonly pushContact: string;
  /** Whoever presents it may read `/metrics` from any address. */
  readonly metricsToken: string | null;
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
  readonly limits: boolean;
  /** The most bytes in an upload; 0: uploads are off. */
  readonly upload: number;
  /** The most bytes in all uploads together. */
  readonly uploadTotal: number;
  readonly log: "text" | "json";
  readonly logLevel: LogLevel;
}

/** An invalid setting. It stops the start; `message` is one line that names the setting. */
export class ConfigError {
  constructor(readonly message: string) {}
}

export interface Sources {
  /** The command-line arguments after the command. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads and parses a TOML file; throws if it cannot. */
  readonly readToml: (path: string) => unknown;
}

/** Push services ask for a contact, and some refuse a request without one. */
const NO_CONTACT = "https://chatroom.example/";

type Values = Map<string, readonly string[]>;

/**
 * Reads flags, then the environment, then the file, then defaults. Sources are not merged: a
 * repeatable setting takes all its values from the first source that has it.
 */
export function readConfig({ args, env, readToml }: Sources): Config | ConfigError {
  const flags = fromArgs(args);
  if (flags instanceof ConfigError) return flags;
  const variables = fromEnv(env);
  if (variables instanceof ConfigError) return variables;
  const path = flags.get("config")?.[0] ?? variables.get("config")?.[0];
  const file = path === undefined ? new Map<string, string[]>() : fromFile(path, readToml);
  if (file instanceof ConfigError) return file;
  const values = new Map([...file, ...variables, ...flags]);

  const one = (name: string) => values.get(name)?.[0] ?? null;
  if ((one("tls-cert") === null) !== (one("tls-key") === null)) {
    return new ConfigError("--tls-cert and --tls-key go together");
  }
  const basePath = (one("base-path") ?? "").replace(/\/$/, "");
  const url = publicUrl(one("url") ?? "", basePath);
  const push = values.get("push") ?? PUSH_SERVICES;
  const own = url === null ? [] : [new URL(url).origin];
  return {
    port: Number(one("port") ?? 8000),
    host: (one("host") ?? "0.0.0.0").replace(/^\[(.*)\]$/, "$1"),
    data: one("data") ?? "./data",
    database: one("database"),
    broker: one("broker"),
    handlers: one("handlers"),
    failClosed: one("handlers-fail") === "closed",
    basePath,
    url,
    origins: [...own, ...(values.get("origin") ?? []).map((origin) => origin.toLowerCase())],
    trustProxy: values.get("trust-proxy") ?? [],
    allowOutbound: values.get("allow-outbound") ?? [],
    push: push.filter((host) => host !== "off"),
    pushContact: one("push-contact") ?? (url?.startsWith("https:") ? url : NO_CONTACT),
    metricsToken: one("metrics-token"),
    tlsCert: one("tls-cert"),
    tlsKey: one("tls-key"),
    limits: one("limits") !== "off",
    upload: Number(one("upload") ?? 25) * 1024 * 1024,
    uploadTotal: Number(one("upload-total") ?? 64) * 1024 * 1024 * 1024,
    log: one("log") === "json" ? "json" : "text",
    logLevel: LOG_LEVELS.find((level) => level === one("log-level")) ?? "info",
  };
}

/** Checks the values of one setting. `source` is the setting's name as its author wrote it. */
function check(name: string, source: string, texts: readonly string[]): ConfigError | null {
  const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
  if (!setting) return new ConfigError(`unknown setting ${source}`);
  if (texts.length > 1 && !setting.repeatable) return new ConfigError(`${source} is given twice`);
  for (const text of texts) {
    const wrong = setting.wrong(text);
    if (wrong !== null)
      return new ConfigError(`${source} must be ${wrong}, not ${JSON.stringify(text)}`);
  }
  return null;
}

function fromArgs(args: readonly string[]): Values | ConfigError {
  const values = new Map<string, string[]>();
  for (let at = 0; at < args.length; at += 1) {
    const [, name, inline] = /^--([^=]*)(?:=(.*))?$/s.exec(args[at] ?? "") ?? [];
    if (name === undefined) return new ConfigError(`unknown argument ${JSON.stringify(args[at])}`);
    if (!Object.hasOwn(SETTINGS, name)) return new ConfigError(`unknown setting --${name}`);
    const text = inline ?? args[(at += 1)];
    if (text === undefined) return new ConfigError(`--${name} needs a value`);
    values.set(name, [...(values.get(name) ?? []), text]);
  }
  for (const [name, texts] of values) {
    const wrong = check(name, `--${name}`, texts);
    if (wrong) return wrong;
  }
  return values;
}

/**
 * Repeatable settings are separated by commas. `PORT`, which many hosts set, yields to
 * `CHATROOM_PORT`.
 */
function fromEnv(env: Sources["env"]): Values | ConfigError {
  const values = new Map<string, string[]>();
  if (env["PORT"]) {
    const wrong = check("port", "PORT", [env["PORT"]]);
    if (wrong) return wrong;
    values.set("port", [env["PORT"]]);
  }
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith("CHATROOM_") || !text || isKubernetes(variable, text)) continue;
    const name = variable.slice("CHATROOM_".length).toLowerCase().replaceAll("_", "-");
    const texts = SETTINGS[name]?.repeatable ? text.split(",").map((part) => part.trim()) : [text];
    const wrong = check(name, variable, texts);
    if (wrong) return wrong;
    values.set(name, texts);
  }
  return values;
}

/**
 * Whether Kubernetes set the variable for a service called `chatroom`, as it does in every
 * container beside it: `CHATROOM_SERVICE_HOST`, `CHATROOM_PORT=tcp://10.0.0.1:80`,
 * `CHATROOM_PORT_80_TCP_ADDR`.
 */
function isKubernetes(variable: string, text: string): boolean {
  return variable === "CHATROOM_PORT"
    ? /^(?:tcp|udp|sctp):\/\//.test(text)
    : /^CHATROOM_(?:SERVICE|PORT)_/.test(variable);
}

function fromFile(path: string, readToml: Sources["readToml"]): Values | ConfigError {
  let toml: unknown;
  try {
    toml = readToml(path);
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : String(fault);
    return new ConfigError(`--config ${path}: ${reason.replace(/\s+/g, " ")}`);
  }
  const values = new Map<string, string[]>();
  if (typeof toml !== "object" || toml === null) return values;
  for (const [name, value] of Object.entries(toml)) {
    const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (texts.some((text) => typeof text === "object")) {
      return new ConfigError(`${name} in ${path} must be a plain value`);
    }
    const wrong = check(name, `${name} in ${path}`, texts.map(String));
    if (wrong) return wrong;
    values.set(name, texts.map(String));
  }
  values.delete("config");
  return values;
}
