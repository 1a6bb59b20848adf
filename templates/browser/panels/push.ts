import { below, h, page } from "../base/dom.ts";
import { prefer, preferences } from "../base/memory.ts";
import { push as words } from "../people/words.ts";

const PATH = "api/v1/push";

/** Whether this browser can show notices while no page of the chat is open. */
const canPush = "serviceWorker" in navigator && "PushManager" in window;

async function send(method: "PUT" | "DELETE", body: object): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  const init = { method, headers, body: JSON.stringify(body) };
  const answer = await fetch(below(PATH), init).catch(() => null);
  return answer?.ok === true;
}

/** Tells the server that this subscription is of the person who is here. */
function give(subscription: PushSubscription, showsText: boolean): Promise<boolean> {
  const { endpoint } = subscription;
  const { keys = {} } = subscription.toJSON();
  const { p256dh = "", auth = "" } = keys;
  return send("PUT", { endpoint, p256dh, auth, showsText });
}

/** Asks for notices on this device while the chat is closed. False where there can be none. */
async function startPush(showsText: boolean): Promise<boolean> {
  try {
    const { key }: { key: string } = await (await fetch(below(PATH))).json();
    if (key === "") return false;
    const { pushManager } = await navigator.serviceWorker.ready;
    const options = { userVisibleOnly: true, applicationServerKey: key };
    const isOn = await give(await pushManager.subscribe(options), showsText);
    prefer({ push: isOn ? page.me : "", pushText: showsText });
    return isOn;
  } catch {
    // Not allowed, or the browser's push service cannot be reached.
    return false;
  }
}

async function stopPush(): Promise<void> {
  prefer({ push: "" });
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return;
  await send("DELETE", { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
}

function line(label: string, box: HTMLInputElement): HTMLElement {
  return h("label", { class: "check" }, box, h("span", {}, label));
}

/** The switches for notices on this device. */
export function pushLines(): readonly HTMLElement[] {
  const { push, pushText = true } = preferences();
  const isOn = h("input", { type: "checkbox", checked: push === page.me, disabled: !canPush });
  const withText = h("input", { type: "checkbox", checked: pushText });
  const denied = h("p", { class: "alert", role: "alert" });
  const choose = async () => {
    prefer({ pushText: withText.checked });
    denied.textContent = "";
    if (!isOn.checked) return stopPush();
    isOn.checked = await startPush(withText.checked);
    denied.textContent = isOn.checked ? "" : words.denied;
  };
  for (const box of [isOn, withText]) box.addEventListener("change", () => void choose());
  const about = h("p", { class: "hint" }, words.about);
  return [line(words.closed, isOn), line(words.withText, withText), about, denied];
}
