import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until } from "../support/browser/browser.ts";
import { inWorker } from "../support/browser/cdp.ts";
import { join } from "../support/people/client.ts";
import { openSettings, openRoom, shows, visit } from "../support/browser/page.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(20_000);

/**
 * Headless Chromium draws no notices and has no loudspeaker: what the page asks the browser for is
 * noted on its way there. Whether somebody looks is set, since no tab here ever loses its focus; and,
 * as on Android, a page may make no notice by itself.
 */
const NOTING = `
  window.noted = { notices: [], audio: [], tones: 0, rejected: 0, looking: false, android: true };
  document.hasFocus = () => noted.looking;
  window.Notification = class extends Notification {
    constructor(title, options) {
      if (noted.android) throw new TypeError("Illegal constructor. Use ServiceWorkerRegistration.showNotification() instead.");
      super(title, options);
      noted.notices.push(title + ": " + options.body);
    }
  };
  const show = ServiceWorkerRegistration.prototype.showNotification;
  ServiceWorkerRegistration.prototype.showNotification = function (title, options) {
    noted.notices.push(title + ": " + options.body);
    return show.call(this, title, options);
  };
  window.AudioContext = class extends AudioContext {
    constructor() {
      super();
      noted.audio.push(this);
    }
  };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    noted.tones += 1;
    return start.apply(this, when);
  };
  addEventListener("unhandledrejection", () => (noted.rejected += 1));
`;
const WORKER = "navigator.serviceWorker.getRegistration()";
const TITLE = "document.title";
const ICON = `new URL(document.querySelector("#icon").href).pathname`;

type Notify = "all" | "mentions" | "none";

describe.skipIf(!canBrowse)("knowing that something was said", () => {
  let server: Server;
  let tab: Bun.WebView;
  let bo: Awaited<ReturnType<typeof join>>;
  let address: string;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    bo = await join(server, "open", { name: "Bo" });
    tab = await openRoom(server, "open", "Ada");
    address = String(await tab.evaluate("location.href"));
    await tab.cdp("Page.enable");
    await tab.cdp("Page.addScriptToEvaluateOnNewDocument", { source: NOTING });
    await allow("granted");
    await until(tab, `${WORKER}.then((worker) => worker?.active)`);
  });
  afterAll(async () => {
    tab.close();
    await bo.close();
    await server[Symbol.asyncDispose]();
  });

  const allow = (setting: "granted" | "denied") =>
    tab.cdp("Browser.setPermission", {
      permission: { name: "notifications" },
      setting,
      origin: new URL(server.url).origin,
    });

  /** Chosen as people do, in the settings; then the page is opened anew, and looked away from. */
  async function chosen(notify: Notify, desktop: boolean, sound: boolean): Promise<void> {
    await visit(tab, address);
    await openSettings(tab);
    const index = ["all", "mentions", "none"].indexOf(notify);
    await tab.evaluate(`(() => {
      const select = document.querySelector("#settings select");
      select.selectedIndex = ${index};
      select.dispatchEvent(new Event("change"));
      const boxes = [...document.querySelectorAll("#settings .check input")];
      [${desktop}, ${sound}].forEach((on, at) => boxes[at].checked !== on && boxes[at].click());
    })()`);
    // Permission is asked for before it is kept.
    const kept = `Object.entries(localStorage).some(([key, value]) => key.endsWith(":preferences") && JSON.parse(value).desktop === ${desktop} && JSON.parse(value).sound === ${sound})`;
    await until(tab, kept);
    await visit(tab, address);
  }

  async function hear(text: string): Promise<void> {
    await bo.post(text);
    await until(tab, shows(text));
  }

  // The page asks for its worker before it shows one: whoever asks after it is answered after it.
  const notices = () => tab.evaluate<string[]>(`${WORKER}.then(() => noted.notices)`);
  const tones = () => tab.evaluate<number>("noted.tones");

  test("set to mentions: a notice for a mention, none for other messages", async () => {
    await chosen("mentions", true, false);
    await hear("nothing for you 1");
    await hear("@Ada look 1");
    expect(await notices()).toEqual(["Bo · open: @Ada look 1"]);
    expect(await tones()).toBe(0);
  });

  test("set to all: a notice for every message", async () => {
    await chosen("all", true, false);
    await hear("for everyone 2");
    await hear("@Ada look 2");
    expect(await notices()).toEqual(["Bo · open: for everyone 2", "Bo · open: @Ada look 2"]);
  });

  test("a notice is the service worker's; pressed, it is gone, and its page shows what is new", async () => {
    await chosen("all", true, false);
    const newer = `document.querySelector("#newer").hidden`;
    await Promise.all(Array.from({ length: 40 }, (_, at) => bo.post(`a line ${at}`)));
    await until(tab, shows("a line 39"));
    await tab.evaluate(`(document.querySelector("#scroller").scrollTop = 0)`);
    await until(tab, `!${newer}`);
    await bo.post("the last of them");
    const given = `${WORKER}.then((worker) => worker.getNotifications()).then((all) => all.map(({ title, body, tag }) => [title, body, tag].join()).join())`;
    const notice = `Bo · open,the last of them,${address}`;
    await until(tab, `${given}.then((all) => all === ${JSON.stringify(notice)})`);
    // As the system does when it is pressed; only then may a worker also bring a page to the front.
    await inWorker(
      tab,
      server.url,
      `registration.getNotifications().then(([notification]) => { dispatchEvent(new NotificationEvent("notificationclick", { notification })); })`,
    );
    await until(tab, newer);
    await until(tab, `${given}.then((all) => all === "")`);
  });

  test("where there is no worker, the page gives its notice itself", async () => {
    await chosen("all", true, false);
    await tab.evaluate(
      `(noted.android = false, navigator.serviceWorker.getRegistration = () => Promise.resolve(undefined), 0)`,
    );
    await hear("no worker");
    expect(await tab.evaluate<string[]>("noted.notices")).toEqual(["Bo · open: no worker"]);
  });

  test("a muted room gives no notice, sound, title or icon, mentions included", async () => {
    await chosen("none", true, true);
    const before = [await tab.evaluate(TITLE), await tab.evaluate(ICON)];
    await hear("@Ada look 3");
    expect(await notices()).toEqual([]);
    expect(await tones()).toBe(0);
    expect([await tab.evaluate(TITLE), await tab.evaluate(ICON)]).toEqual(before);
  });

  test("nobody who looks at the page is told what they see", async () => {
    await chosen("all", true, true);
    await tab.evaluate("noted.looking = true");
    await hear("@Ada look 4");
    expect(await notices()).toEqual([]);
    expect(await tones()).toBe(0);
  });

  test("sound is on its own switch: without notices, and for nothing below what is chosen", async () => {
    await chosen("mentions", false, true);
    await hear("nothing for you 5");
    expect(await tones()).toBe(0);
    await hear("@Ada look 5");
    expect(await tones()).toBe(2);
    expect(await notices()).toEqual([]);
  });

  test("no sound is left behind, on a page that was touched and on one that was not", async () => {
    await chosen("all", false, true);
    const states = "noted.audio.map((each) => each.state).join()";
    await hear("untouched");
    expect(await tab.evaluate(states)).toBe("suspended");
    await until(tab, `${states} === "closed"`);
    // A page may only sound once somebody has touched it.
    await tab.click("#text");
    await hear("touched");
    await until(tab, `${states} === "closed,closed"`);
    expect(await tab.evaluate<number>("noted.rejected")).toBe(0);
  });

  test("a browser that does not allow notices gives none, and the switch stays off", async () => {
    await chosen("all", true, false);
    await allow("denied");
    await visit(tab, address);
    await hear("@Ada look 6");
    expect(await notices()).toEqual([]);
    await openSettings(tab);
    const box = `document.querySelector("#settings .check input")`;
    await tab.evaluate(`(${box}.checked && ${box}.click(), ${box}.click())`);
    await until(tab, `document.querySelector("#settings .alert").textContent !== ""`);
    expect(await tab.evaluate(`${box}.checked`)).toBe(false);
    await allow("granted");
  });

  test("title and icon count what was missed, and go back when it is read", async () => {
    await chosen("mentions", false, false);
    const title = String(await tab.evaluate(TITLE));
    const icon = String(await tab.evaluate(ICON));
    await hear("one 7");
    await hear("two 7");
    expect(await tab.evaluate(TITLE)).toBe(`(2) ${title}`);
    const unread = String(await tab.evaluate(ICON));
    expect(unread).not.toBe(icon);
    expect((await fetch(new URL(unread, server.url))).headers.get("content-type")).toBe(
      "image/svg+xml",
    );
    await tab.evaluate(`(noted.looking = true, dispatchEvent(new Event("focus")))`);
    await until(tab, `${TITLE} === ${JSON.stringify(title)}`);
    expect(await tab.evaluate(ICON)).toBe(icon);
  });
});
