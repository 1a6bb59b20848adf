import { guest } from "./client.ts";
import type { Server } from "../servers/server.ts";

/** A browser without scripts: keeps its cookies, follows no redirect by itself. */
export class Visitor {
  readonly #cookies = new Map<string, string>();

  constructor(
    readonly server: Server,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  keep(cookie: string): this {
    const [name = "", ...value] = cookie.split("=");
    this.#cookies.set(name, value.join("="));
    return this;
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const response = await this.#fetch(path, {});
    return { status: response.status, text: await response.text() };
  }

  /** Sends the form of a page, with the token that is on it. */
  async submit(page: string, action: string, fields: Readonly<Record<string, string>>) {
    const { text } = await this.get(page);
    const token = /name="token" value="([^"]+)"/.exec(text)?.[1];
    if (token === undefined) throw new Error(`no form on ${page}: ${text.slice(0, 2_000)}`);
    return this.post(action, { token, ...fields });
  }

  async post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    const body = new URLSearchParams(fields);
    const response = await this.#fetch(path, { method: "POST", body, headers });
    const location = response.headers.get("location");
    return { status: response.status, location, text: await response.text() };
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers({
      ...this.headers,
      ...Object.fromEntries(new Headers(init.headers)),
    });
    if (this.cookie !== "") headers.set("cookie", this.cookie);
    const url = new URL(path, this.server.url);
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      if (/max-age=0/i.test(cookie)) this.#cookies.delete(pair.split("=")[0] ?? "");
      else this.keep(pair);
    }
    return response;
  }
}

export const PASSWORD = "correct horse";

/** Someone who has visited a page. */
export async function visitor(
  server: Server,
  headers: Readonly<Record<string, string>> = {},
): Promise<Visitor> {
  if (Object.keys(headers).length === 0) return new Visitor(server).keep(await guest(server));
  const someone = new Visitor(server, headers);
  await someone.get("");
  return someone;
}

/** Someone whose name is theirs. */
export async function owner(
  server: Server,
  name: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Visitor> {
  const someone = await visitor(server, headers);
  const { status, text } = await someone.submit("account/", "account/claim", {
    name,
    password: PASSWORD,
  });
  if (status !== 303) throw new Error(`${name} was not claimed: ${status} ${text}`);
  return someone;
}

/** The administrator, by the link in the log. */
export async function administrator(server: Server, name = "boss"): Promise<Visitor> {
  const { url } = await server.logged("setup");
  // Its address may be the public one, which leads here only through a proxy.
  const path = String(url).slice(String(url).indexOf("admin/setup"));
  const someone = await visitor(server);
  const setup = new URL(String(url)).searchParams.get("token") ?? "";
  const { status, text } = await someone.submit(path, "admin/setup", {
    name,
    password: PASSWORD,
    setup,
  });
  if (status !== 303) throw new Error(`no administrator: ${status} ${text}`);
  return someone;
}
