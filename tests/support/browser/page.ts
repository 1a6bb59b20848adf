import { openTab, until } from "./browser.ts";
import type { Server } from "../servers/server.ts";

/** The bodies of the messages that are in the page, in order. */
export const BODIES = `[...document.querySelectorAll("#log [data-seq] .body")].map((each) => each.textContent)`;
export const STATE = `document.querySelector("#state")?.dataset.state`;
export const TEXT = `document.querySelector("#text").value`;
export const PENDING = `[...document.querySelectorAll("#pending [data-id]")].map((each) => each.dataset.state)`;

export function shows(text: string): string {
  return `${BODIES}.includes(${JSON.stringify(text)})`;
}

/** Opens a room in English, as someone with a name; every tab of one host is the same person. */
export async function openRoom(
  server: Server,
  room: string,
  name: string,
  host = "127.0.0.1",
): Promise<Bun.WebView> {
  const tab = openTab({ width: 1000, height: 700 });
  const base = server.url.replace("127.0.0.1", host);
  await tab.navigate(base);
  const body = new URLSearchParams({ name, language: "en" });
  const headers = `{ "content-type": "application/x-www-form-urlencoded" }`;
  await tab.evaluate(`fetch("me", { method: "POST", headers: ${headers}, body: "${body}" })`);
  await visit(tab, new URL(`rooms/${encodeURIComponent(room)}`, base).href);
  return tab;
}

/** Goes to a room's address, and waits until it is in the room. */
export async function visit(tab: Bun.WebView, address: string): Promise<void> {
  await tab.navigate(address);
  await until(tab, `document.querySelector("#state")?.dataset.state === "open"`);
}

export async function openSettings(tab: Bun.WebView): Promise<void> {
  await tab.click("#show-settings");
  await until(tab, `document.querySelector("#settings").open`);
}

/** Types into the composer, without the Enter. */
export async function type(tab: Bun.WebView, text: string): Promise<void> {
  await tab.evaluate(`document.querySelector("#text").focus()`);
  await tab.type(text);
}

export async function write(tab: Bun.WebView, text: string): Promise<void> {
  await type(tab, text);
  await tab.press("Enter");
}
