/** Calls `take` with the parameters of each event of this name; its domain must be enabled. */
export function onCdp(tab: Bun.WebView, name: string, take: (params: unknown) => void): void {
  tab.addEventListener(name, (event) => {
    if (event instanceof MessageEvent) take(event.data);
  });
}

/** What is at a path of the parameters of an event: "" where nothing is, or no text. */
export function textAt(params: unknown, ...path: readonly string[]): string {
  let value = params;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return "";
    value = Reflect.get(value, key);
  }
  return typeof value === "string" ? value : "";
}

/** The address of each request that the tab makes from now on, sockets' among them. */
export async function watchRequests(tab: Bun.WebView): Promise<string[]> {
  const addresses: string[] = [];
  onCdp(tab, "Network.requestWillBeSent", (params) => {
    addresses.push(textAt(params, "request", "url"));
  });
  onCdp(tab, "Network.webSocketCreated", (params) => addresses.push(textAt(params, "url")));
  await tab.cdp("Network.enable");
  return addresses;
}
