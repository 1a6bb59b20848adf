import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until } from "../support/browser/browser.ts";
import { inWorker, onCdp, textAt } from "../support/browser/cdp.ts";
import { openRoom, openSettings } from "../support/browser/page.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(30_000);

const WORKER = "navigator.serviceWorker.getRegistration()";

describe.skipIf(!canBrowse)("a notice from the push service", () => {
  let server: Server;
  let tab: Bun.WebView;
  let registrationId = "";
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    tab = await openRoom(server, "hall", "Ada");
    const { origin } = new URL(server.url);
    const permission = { name: "notifications" };
    await tab.cdp("Browser.setPermission", { permission, setting: "granted", origin });
    await until(tab, `${WORKER}.then((worker) => worker?.active)`);
    const registered = Promise.withResolvers<string>();
    onCdp(tab, "ServiceWorker.workerRegistrationUpdated", (params) => {
      const registrations: unknown = Reflect.get(Object(params), "registrations");
      for (const each of Array.isArray(registrations) ? registrations : []) {
        if (textAt(each, "scopeURL") === server.url)
          registered.resolve(textAt(each, "registrationId"));
      }
    });
    await tab.cdp("ServiceWorker.enable");
    registrationId = await registered.promise;
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });

  const room = (name: string) => new URL(`rooms/${name}`, server.url).href;
  const all = `${WORKER}.then((worker) => worker.getNotifications()).then((all) => all.map(({ title, body, tag }) => [title, body, tag].join()))`;
  const shows = (title: string, body: string, name: string) =>
    `${all}.then((all) => all.includes(${JSON.stringify([title, body, room(name)].join())}))`;

  /** As the browser's push service does; Chromium loses one at times, as such services may. */
  async function deliver(title: string, body: string, name: string): Promise<void> {
    const { origin } = new URL(server.url);
    const data = JSON.stringify({ title, body, path: `rooms/${name}` });
    for (let tries = 1; ; tries += 1) {
      await tab.cdp("ServiceWorker.deliverPushMessage", { origin, registrationId, data });
      try {
        return await until(tab, shows(title, body, name), 3_000);
      } catch (fault) {
        if (tries === 5) throw fault;
      }
    }
  }

  test("is shown with its author's name, one for each room", async () => {
    await deliver("Bo · tea", "are you there?", "tea");
    await deliver("Bo · tea", "hello?", "tea");
    await deliver("Cleo", "", "direct-1");
    expect(await tab.evaluate<number>(`${all}.then(({ length }) => length)`)).toBe(2);
  });

  test("opens its room when it is pressed, and is gone", async () => {
    await deliver("Bo · milk", "we have none", "milk");
    // Only where a person presses it may a worker open a window: what it asks for is noted.
    await inWorker(
      tab,
      server.url,
      `(async () => {
        const opened = new Promise((resolve) => { clients.openWindow = async (url) => resolve(url); });
        const notification = (await registration.getNotifications()).find(({ title }) => title === "Bo · milk");
        dispatchEvent(new NotificationEvent("notificationclick", { notification }));
        if ((await opened) !== ${JSON.stringify(room("milk"))}) throw new Error("another page");
      })()`,
    );
    await until(tab, `${all}.then((all) => !all.join().includes("Bo · milk"))`);
  });

  test("is switched on in the settings, which say where it works", async () => {
    await openSettings(tab);
    await until(tab, `document.querySelector("#settings").innerText.includes("Home Screen")`);
    const labels = `[...document.querySelectorAll("#settings label.check")].map((each) => each.innerText.trim())`;
    expect(await tab.evaluate<string[]>(labels)).toContain(
      "Notify me on this device while the chat is closed",
    );
  });
});
