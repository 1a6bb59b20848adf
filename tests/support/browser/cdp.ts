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

/** Evaluates an expression in the service worker of the pages below an address, and awaits it. */
export async function inWorker(tab: Bun.WebView, base: string, expression: string): Promise<void> {
  const { targetInfos } = await tab.cdp<{ targetInfos: unknown[] }>("Target.getTargets");
  const worker = targetInfos.find(
    (each) => textAt(each, "type") === "service_worker" && textAt(each, "url").startsWith(base),
  );
  const targetId = textAt(worker, "targetId");
  const answered = Promise.withResolvers<string>();
  onCdp(tab, "Target.receivedMessageFromTarget", (params) => {
    const message = textAt(params, "message");
    if (message.includes('"id":1')) answered.resolve(message);
  });
  const attached = await tab.cdp("Target.attachToTarget", { targetId, flatten: false });
  const sessionId = textAt(attached, "sessionId");
  const params = { expression, awaitPromise: true };
  const message = JSON.stringify({ id: 1, method: "Runtime.evaluate", params });
  await tab.cdp("Target.sendMessageToTarget", { sessionId, message });
  const answer = await answered.promise;
  if (answer.includes("exceptionDetails")) throw new Error(answer);
}
