/** The service worker: the pages and what they load are there when the network is not. */
interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

function isFetch(event: Event): event is FetchEvent {
  return "respondWith" in event;
}

const PAGES = "pages";
const ASSETS = "assets";
/** Rooms and assets kept; the oldest go first. */
const MOST = 40;

const base = new URL("../", location.href).href;

addEventListener("fetch", (event: Event) => {
  if (!isFetch(event)) return;
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(base)) return;
  const path = request.url.slice(base.length);
  if (path.startsWith("assets/")) event.respondWith(fromCache(request));
  else if (request.mode === "navigate" && /^($|rooms\/|index\/)/.test(path)) {
    event.respondWith(fromNetwork(request));
  }
});

/** Hashed names never change what they mean. */
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
    const known = (await cache.match(request)) ?? (await cache.match(base));
    if (known) return known;
    throw fault;
  }
}

async function trim(cache: Cache): Promise<void> {
  const keys = await cache.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - MOST))) await cache.delete(key);
}
