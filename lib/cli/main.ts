import { usage } from "./usage.ts";
import { readFileSync } from "node:fs";
import { version } from "../../package.json";
import { startApp, type App } from "../app.ts";
import { renewSetup } from "../chat/accounts/accounts.ts";
import { type CopyCommand, runBackup } from "./backup.ts";
import { runHandlers } from "./handlers.ts";
import { PICTURES, picturesCommand, preparePictures } from "./pictures.ts";
import { readTokenCommand, runToken } from "./token.ts";
import { runMigrate } from "./migrate.ts";
import { type Config, ConfigError, readConfig } from "../model/config.ts";
import { openDatabase } from "../store/open.ts";

/** What is still open this long after a signal is cut off, to keep the promised exit time. */
const STOP_LIMIT_MS = 9_000;

/**
 * Runs one command and resolves to the exit code: 0 success, 1 failure, 2 invalid setting or
 * argument.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const [first = "serve"] = argv;
  if (first === PICTURES) return preparePictures();
  if (argv.includes("--help") || first === "help") {
    process.stdout.write(usage());
    return 0;
  }
  if (argv.includes("--version")) {
    process.stdout.write(`chatroom ${version}\n`);
    return 0;
  }
  if (first === "handlers") return reported(() => runHandlers(argv.slice(1)));
  if (first === "migrate") return reported(() => runMigrate(argv.slice(1)));
  if (first === "token") return reported(() => token(argv.slice(1)));
  if (first === "backup" || first === "restore" || first === "recover") {
    return reported(() => copy(first, argv.slice(1)));
  }
  const isCommand = first === "serve" || first === "setup-link";
  const args = isCommand ? argv.slice(1) : argv;
  if (!isCommand && !first.startsWith("-")) {
    return fail(2, `unknown command ${JSON.stringify(first)}; see chatroom --help`);
  }
  const config = configOf(args);
  if (config instanceof ConfigError) return fail(2, config.message);
  if (first === "setup-link") return reported(() => printSetupLink(config));
  // Before the start: a reader of the "listening" line may stop it at once.
  const signal = nextSignal();
  try {
    const app = await startApp(config, picturesCommand());
    await signal;
    return await stop(app);
  } catch (fault) {
    if (fault instanceof ConfigError) return fail(2, fault.message);
    return fail(1, fault instanceof Error ? fault.message : String(fault));
  }
}

function configOf(args: readonly string[]): Config | ConfigError {
  const readToml = (path: string) => Bun.TOML.parse(readFileSync(path, "utf8"));
  return readConfig({ args, env: process.env, readToml });
}

async function token(args: readonly string[]): Promise<void> {
  const command = readTokenCommand(args);
  const config = configOf(command.settings);
  if (config instanceof ConfigError) throw config;
  await runToken(command, config);
}

async function copy(command: CopyCommand, args: readonly string[]): Promise<void> {
  const [file = "", ...settings] = args;
  if (file === "" || file.startsWith("-")) {
    throw new ConfigError(`${command} needs a file: chatroom ${command} FILE [settings]`);
  }
  const config = configOf(settings);
  if (config instanceof ConfigError) throw config;
  runBackup(command, file, config);
}

/** For an operator who lost the first start's link, or every administrator's password. */
async function printSetupLink({ database, data, basePath, url }: Config): Promise<void> {
  const store = await openDatabase(database, data);
  const token = await renewSetup(store.records);
  await store.close();
  process.stdout.write(`${url ?? `${basePath}/`}admin/setup?token=${token}\n`);
}

/** The exit code that the command resolves to, 0 without one; a rejection is reported. */
async function reported(command: () => Promise<number | void>): Promise<number> {
  try {
    return (await command()) ?? 0;
  } catch (fault) {
    if (fault instanceof ConfigError) return fail(2, fault.message);
    return fail(1, fault instanceof Error ? fault.message : String(fault));
  }
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
}

async function stop(app: App): Promise<number> {
  setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
  await app.stop();
  return 0;
}

function fail(code: number, message: string): number {
  process.stderr.write(`chatroom: ${message.replace(/\s*\n\s*/g, " ")}\n`);
  return code;
}
