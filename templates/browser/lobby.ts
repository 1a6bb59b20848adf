import { fill } from "../../lib/model/text/locale.ts";
import { roomName } from "../../lib/model/rooms/room.ts";
import { below, byId } from "./base/dom.ts";
import { saveName } from "./base/me.ts";
import { preferences } from "./base/memory.ts";
import { showBadge } from "./panels/notifications.ts";
import { followInbox } from "./net/inbox.ts";
import { Places } from "./net/places.ts";
import { loadDialogs } from "./people/lazy.ts";
import type { InboxList } from "./people/inbox-list.ts";
import { PlaceLists } from "./panels/rooms.ts";
import { offerOffline } from "./base/shell.ts";
import { chooseTheme } from "./base/theme.ts";
import { t } from "./base/words.ts";

const room = byId("room", HTMLInputElement);
const name = byId("name", HTMLInputElement);
const alert = byId("alert", HTMLParagraphElement);

byId("enter", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void enter();
});

async function enter(): Promise<void> {
  const chosen = roomName(room.value.trim());
  byId("yours-hint", HTMLElement).hidden = true;
  if (chosen === null) return complain(room, t.badRoom);
  if (name.value.trim() !== name.defaultValue) {
    const problem = name.value.trim() === "" ? null : await saveName(name.value);
    if (problem !== null) {
      byId("yours-hint", HTMLElement).hidden = !problem.isOwned;
      return complain(name, problem.words);
    }
  }
  location.href = below(`rooms/${encodeURIComponent(chosen)}`).href;
}

function complain(field: HTMLInputElement, words: string): void {
  alert.textContent = words;
  field.focus();
}

if (location.hash === "#offline") {
  alert.textContent = t.offlineRoom;
  addEventListener("online", () => (alert.textContent = ""));
}

const themes = ["auto", "light", "dark"] as const;
const words = { auto: t.themeAuto, light: t.themeLight, dark: t.themeDark };
const theme = byId("theme", HTMLButtonElement);
theme.textContent = fill(t.themeNow, { theme: words[preferences().theme] });
theme.addEventListener("click", () => {
  const next = themes[(themes.indexOf(preferences().theme) + 1) % themes.length] ?? "auto";
  chooseTheme(next);
  theme.textContent = fill(t.themeNow, { theme: words[next] });
});

const places: Places = new Places("", () => false, drawPlaces);
const lists = new PlaceLists(places);
/** The inbox's dialog, once it was asked for. */
let list: Promise<InboxList> | undefined;
function drawPlaces(): void {
  lists.draw();
  const has = (kind: string) => places.all.some((place) => place.kind === kind);
  byId("yours", HTMLElement).hidden = !has("room");
  byId("talks", HTMLElement).hidden = !has("person");
  byId("waiting", HTMLElement).hidden = places.waiting.length === 0;
  void list?.then((each) => each.changed());
  showBadge(places.calls);
}
byId("show-inbox", HTMLButtonElement).addEventListener("click", () => {
  list ??= loadDialogs().then(({ InboxList }) => new InboxList(places));
  list.then(
    (each) => each.open(),
    () => {
      // A failed load is retried on next use.
      list = undefined;
      alert.textContent = t.offline;
    },
  );
});
drawPlaces();
followInbox(places.inbox);
offerOffline();
