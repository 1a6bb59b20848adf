/**
 * The service worker: serves the pages and their assets without a network, and opens the room of a
 * pressed notification.
 */
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface NoticeClick extends Lasting {
  /** Its tag is the address of its room. */
  readonly notification: Notification;
}

/** A notification from the server, encrypted for this browser. */
interface PushArrival extends Lasting {
  readonly data: {
    json(): { readonly title: string; readonly body: string; readonly path: string };
  };
}

// TypeScript's types for pages do not include those of workers.
declare function addEventListener(type: "activate", act: (event: Lasting) => void): void;
declare function addEventListener(type: "fetch", act: (event: FetchEvent) => void): void;
declare function addEventListener(type: "push", act: (event: PushArrival) => void): void;
declare function addEventListener(
  type: "notificationclick",
  act: (event: NoticeClick) => void,
): void;

declare const registration: ServiceWorkerRegistration;

interface Page {
  readonly url: string;
  postMessage(message: string): void;
  focus(): Promise<unknown>;
}

declare const clients: {
  claim(): Promise<void>;
  matchAll(options: { type: "window"; includeUncontrolled: true }): Promise<readonly Page[]>;
  openWindow(url: string): Promise<unknown>;
};

const PAGES = "pages";
const ASSETS = "assets";
/** The most rooms and assets cached; the oldest are removed first. */
const MOST = 80;

const base = new URL("../", location.href).href;

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(base)) return;
  const path = request.url.slice(base.length).replace(/#.*$/, "");
  if (path.startsWith("assets/")) event.respondWith(fromCache(request));
  else if (request.mode === "navigate" && /^($|rooms\/|people\/|index\/)/.test(path)) {
    event.respondWith(fromNetwork(request));
  }
});

// Takes control of the page that registered the worker at once, not at its next visit.
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

/** Replaces the room's earlier notification, also one that a page of the room showed. */
addEventListener("push", (event) => {
  const notice = event.data.json();
  const url = base + notice.path;
  const options = { ...notice, icon: "icon-192.png", tag: url };
  event.waitUntil(registration.showNotification(notice.title, options));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.tag));
});

/** Opens the page that showed the notification, or a new one of its room. */
async function show(url: string): Promise<void> {
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((each) => each.url.replace(/#.*$/, "") === url);
  page?.postMessage("open");
  await (page ? page.focus() : clients.openWindow(url));
}

/** The content of a hashed name never changes. */
async function fromCache(request: Request): Promise<Response> {
  const cache = await caches.open(ASSETS);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok && answer.headers.get("cache-control")?.includes("immutable")) {
    await cache.put(request, answer.clone());
    await trim(cache);
  }
  return answer;
}

async function fromNetwork(request: Request): Promise<Response> {
  const cache = await caches.open(PAGES);
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      await cache.put(request, answer.clone());
      await trim(cache);
    }
    return answer;
  } catch (fault) {
    const known = await cache.match(request);
    if (known) return known;
    // Under its own address, to which the lobby's addresses are relative.
    if (request.url !== base && (await cache.match(base)))
      return Response.redirect(`${base}#offline`);
    throw fault;
  }
}

async function trim(cache: Cache): Promise<void> {
  const keys = await cache.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - MOST))) await cache.delete(key);
}
