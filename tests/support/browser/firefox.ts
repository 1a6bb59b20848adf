import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { textAt } from "./cdp.ts";

const path = Bun.which("firefox-esr") ?? Bun.which("firefox");
const START_LIMIT_MS = 15_000;

/** Whether Firefox can be driven here. In CI it must be: what needs it then fails. */
export const hasFirefox = path !== null || process.env["CI"] === "true";
if (!hasFirefox) console.warn("No Firefox on this machine: what needs it is skipped.");

/** Keeps it from calling home, and from asking anything. */
const PREFERENCES = {
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "toolkit.telemetry.reportingpolicy.firstRun": false,
};
/** Where WebDriver puts keys that are no characters. */
const KEYS = { Enter: "\uE007", Shift: "\uE008", Escape: "\uE00C" } as const;

/** One tab of a Firefox of its own, driven by WebDriver BiDi, which it speaks without a driver. */
export class Firefox {
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #context = "";
  #count = 0;

  private constructor(
    readonly process: Bun.Subprocess,
    readonly profile: string,
    readonly socket: WebSocket,
  ) {
    socket.onmessage = ({ data }) => this.#take(JSON.parse(String(data)));
  }

  static async start(): Promise<Firefox> {
    if (path === null) throw new Error("CI has no Firefox: install it");
    const profile = await mkdtemp(join(tmpdir(), "chatroom-firefox-"));
    const lines = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    );
    await Bun.write(join(profile, "user.js"), lines.join("\n"));
    const child = Bun.spawn(
      [path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"],
      { stdin: "ignore", stdout: "ignore", stderr: "ignore" },
    );
    try {
      const socket = new WebSocket(`${await addressOf(profile)}/session`);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      socket.onopen = () => resolve();
      socket.onclose = () => reject(new Error("Firefox refused the connection"));
      await promise;
      const firefox = new Firefox(child, profile, socket);
      await firefox.#ask("session.new", { capabilities: {} });
      const made = await firefox.#ask("browsingContext.create", { type: "tab" });
      firefox.#context = textAt(made, "context");
      return firefox;
    } catch (fault) {
      child.kill("SIGKILL");
      throw fault;
    }
  }

  async navigate(url: string): Promise<void> {
    await this.#ask("browsingContext.navigate", {
      context: this.#context,
      url,
      wait: "complete",
    });
  }

  /** The value of an expression, which JSON can hold. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.#ask("script.evaluate", {
      expression: `(async () => JSON.stringify((await (${expression})) ?? null))()`,
      target: { context: this.#context },
      awaitPromise: true,
    });
    const text = textAt(answer, "result", "value");
    if (text === "") throw new Error(`${expression}: ${JSON.stringify(answer)}`);
    return JSON.parse(text);
  }

  /** Resolves when the expression is true; its name is in the failure. A page may go in between. */
  async until(expression: string, limit = 8_000): Promise<void> {
    const deadline = Date.now() + limit;
    for (;;) {
      const value = await this.evaluate(`Boolean(${expression})`).catch(() => false);
      if (value === true) return;
      if (Date.now() > deadline) {
        const shown = String(await this.evaluate("document.body.innerText"));
        throw new Error(`never true: ${expression}\nThe page shows:\n${shown.slice(0, 400)}`);
      }
      await Bun.sleep(30);
    }
  }

  /** Presses the main button on the middle of the first element that fits. */
  async click(selector: string): Promise<void> {
    const box = await this.evaluate(
      `(() => { const { x, y, width, height } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
        return [Math.round(x + width / 2), Math.round(y + height / 2)]; })()`,
    );
    const [x, y] = Array.isArray(box) ? box.map(Number) : [];
    const actions = [
      { type: "pointerMove", x, y },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    await this.#perform({ type: "pointer", id: "mouse", actions });
  }

  /** Types characters, each with its key. */
  type(text: string): Promise<void> {
    return this.#keys([...text]);
  }

  press(...keys: readonly (keyof typeof KEYS)[]): Promise<void> {
    return this.#keys(keys.map((key) => KEYS[key]));
  }

  /** Presses a key while others are held. */
  async chord(held: keyof typeof KEYS, key: keyof typeof KEYS): Promise<void> {
    const all = [KEYS[held], KEYS[key]];
    const down = all.map((value) => ({ type: "keyDown", value }));
    const up = all.toReversed().map((value) => ({ type: "keyUp", value }));
    await this.#perform({ type: "key", id: "keys", actions: [...down, ...up] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.race([this.#ask("browser.close", {}).catch(() => undefined), Bun.sleep(2_000)]);
    this.process.kill("SIGKILL");
    await this.process.exited;
    await rm(this.profile, { recursive: true, force: true });
  }

  #keys(values: readonly string[]): Promise<void> {
    const actions = values.flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
    ]);
    return this.#perform({ type: "key", id: "keys", actions });
  }

  async #perform(source: object): Promise<void> {
    await this.#ask("input.performActions", { context: this.#context, actions: [source] });
  }

  #ask(method: string, params: object): Promise<unknown> {
    this.#count += 1;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#count, waiting);
    this.socket.send(JSON.stringify({ id: this.#count, method, params }));
    return waiting.promise;
  }

  #take(answer: { readonly id?: number; readonly result?: unknown }): void {
    const waiting = this.#waiting.get(answer.id ?? 0);
    if (!waiting) return;
    this.#waiting.delete(answer.id ?? 0);
    if (answer.result === undefined) waiting.reject(new Error(JSON.stringify(answer)));
    else waiting.resolve(answer.result);
  }
}

/** Firefox writes into its profile where it listens. */
async function addressOf(profile: string): Promise<string> {
  const file = Bun.file(join(profile, "WebDriverBiDiServer.json"));
  for (const deadline = Date.now() + START_LIMIT_MS; Date.now() < deadline; await Bun.sleep(30)) {
    const told: unknown = await file.json().catch(() => null);
    if (typeof told !== "object" || told === null || !("ws_port" in told)) continue;
    return `ws://127.0.0.1:${Number(told.ws_port)}`;
  }
  throw new Error(`Firefox did not listen within ${START_LIMIT_MS} ms`);
}
