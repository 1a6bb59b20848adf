import { type InboxSettings, WRITERS } from "../../../lib/model/inbox/inbox.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import { say, toast } from "../base/announce.ts";
import { below, byId, h } from "../base/dom.ts";
import {
  HOURS_CHANGED,
  type Notify,
  type Preferences,
  prefer,
  preferences,
  room,
} from "../base/memory.ts";
import { nameOf } from "../base/excerpts.ts";
import { chooseLooks } from "../base/theme.ts";
import { t } from "../base/words.ts";
import { type Inbox, mark } from "../net/inbox.ts";
import { p, panels } from "../people/words.ts";
import type { Places } from "../net/places.ts";
import { pushLines } from "./push.ts";

type Choices<T extends string> = readonly (readonly [T, string])[];

function select<T extends string>(
  label: string,
  now: T,
  choices: Choices<T>,
  choose: (value: T) => void,
) {
  const options = choices.map(([value, words]) =>
    h("option", { value, selected: value === now }, words),
  );
  const chosen = ({ currentTarget }: Event) => {
    if (!(currentTarget instanceof HTMLSelectElement)) return;
    const choice = choices[currentTarget.selectedIndex];
    if (choice) choose(choice[0]);
  };
  return h("label", {}, h("span", {}, label), h("select", { onchange: chosen }, ...options));
}

function check(label: string, now: boolean, choose: (on: boolean, box: HTMLInputElement) => void) {
  const box = h("input", { type: "checkbox", checked: now });
  box.addEventListener("change", () => choose(box.checked, box));
  return h("label", { class: "check" }, box, h("span", {}, label));
}

function heading(id: string, words: string): HTMLElement {
  const close = h("button", { class: "quiet" }, t.close);
  return h("header", {}, h("h2", { id }, words), h("form", { method: "dialog" }, close));
}

/** The local hour at which "until tomorrow" ends. */
const MORNING = 8;

/** The end of "until tomorrow", in ms since 1970. */
function tomorrow(): number {
  const day = new Date();
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1, MORNING).getTime();
}

/** The open room's notification level. */
function notice(places: Places): HTMLElement {
  const { notify, quietUntil } = room(places.current);
  const choices: Choices<Notify | "tomorrow"> = [
    ["all", panels.notifyAll],
    ["mentions", panels.notifyMentions],
    ["none", panels.notifyNone],
    ["tomorrow", panels.notifyTomorrow],
  ];
  return select(panels.notify, quietUntil > Date.now() ? "tomorrow" : notify, choices, (chosen) => {
    if (chosen === "tomorrow") places.choose(room(places.current).notify, tomorrow());
    else places.choose(chosen);
  });
}

/** Who may begin a private talk with the reader. */
function writers({ settings }: Inbox): HTMLElement {
  const choices = WRITERS.map((each) => [each, panels.writersChoices[each]] as const);
  return select(
    panels.writers,
    settings.writers,
    choices,
    (chosen) => void mark({ writers: chosen }),
  );
}

/** The people the reader has blocked, each with a button to unblock them. */
function blocked({ settings }: Inbox): HTMLElement {
  const none = h("p", { class: "says" }, panels.blockedNobody);
  const list = h("ul", { "aria-labelledby": "blocked-title" });
  const draw = (people: InboxSettings["blocked"]) => {
    none.hidden = people.length > 0;
    list.replaceChildren(
      ...people.map((person) => {
        const name = h("bdi", {}, nameOf(person));
        const lift = h("button", { type: "button", class: "press" }, p.unblock);
        lift.addEventListener("click", async () => {
          if (!(await mark({ block: person.id, on: false }))) return toast(p.notBlocked);
          draw(people.filter(({ id }) => id !== person.id));
          say(fill(p.unblocked, { name: nameOf(person) }));
        });
        return h("li", { class: "row" }, name, lift);
      }),
    );
  };
  draw(settings.blocked);
  return h("section", {}, h("h3", { id: "blocked-title" }, panels.blockedPeople), list, none);
}

/** How the page looks in this browser. */
function looks(): readonly HTMLElement[] {
  const { theme, size, density, hours } = preferences();
  const themes: Choices<Preferences["theme"]> = [
    ["auto", t.themeAuto],
    ["light", t.themeLight],
    ["dark", t.themeDark],
  ];
  const sizes: Choices<Preferences["size"]> = [
    ["small", panels.sizeSmall],
    ["normal", panels.sizeNormal],
    ["large", panels.sizeLarge],
    ["huge", panels.sizeHuge],
  ];
  const densities: Choices<Preferences["density"]> = [
    ["roomy", panels.roomy],
    ["compact", panels.compact],
  ];
  const clocks: Choices<Preferences["hours"]> = [
    ["auto", panels.hoursAuto],
    ["24", panels.hours24],
    ["12", panels.hours12],
  ];
  return [
    select(t.theme, theme, themes, (chosen) => chooseLooks({ theme: chosen })),
    select(panels.textSize, size, sizes, (chosen) => chooseLooks({ size: chosen })),
    select(panels.density, density, densities, (chosen) => chooseLooks({ density: chosen })),
    select(panels.hours, hours, clocks, (chosen) => {
      prefer({ hours: chosen });
      document.dispatchEvent(new Event(HOURS_CHANGED));
    }),
  ];
}

/**
 * The reader's settings: those of this browser, and those of their inbox, which hold on all devices.
 * `changeName` shows the field for the name.
 */
export function openSettings(places: Places, changeName: () => void): void {
  const dialog = byId("settings", HTMLDialogElement);
  const { desktop, sound, showMoves } = preferences();
  const denied = h("p", { class: "alert", role: "alert" });
  const language = document.querySelector("#you-menu .language")?.cloneNode(true);
  const allow = async (on: boolean, box: HTMLInputElement) => {
    const allowed =
      on && "Notification" in window && (await Notification.requestPermission()) === "granted";
    denied.textContent = on && !allowed ? panels.desktopDenied : "";
    box.checked = allowed;
    prefer({ desktop: allowed });
  };
  const rename = () => {
    dialog.close();
    changeName();
  };
  dialog.replaceChildren(
    heading("settings-title", t.settings),
    h(
      "div",
      { class: "pair" },
      h("button", { type: "button", onclick: rename }, panels.changeName),
      h("a", { href: below("account/").href }, t.account),
    ),
    notice(places),
    check(panels.desktop, desktop, (on, box) => void allow(on, box)),
    denied,
    check(panels.sound, sound, (on) => prefer({ sound: on })),
    check(panels.showMoves, showMoves, (on) => prefer({ showMoves: on })),
    ...pushLines(),
    ...looks(),
    h("div", { class: "row" }, h("span", {}, panels.language), language ?? null),
    writers(places.inbox),
    blocked(places.inbox),
  );
  dialog.showModal();
}

export function openHelp(): void {
  const dialog = byId("help", HTMLDialogElement);
  const rows = panels.shortcutList.map(([keys = "", does = ""]) =>
    h("div", {}, h("dt", {}, h("kbd", {}, keys)), h("dd", {}, does)),
  );
  dialog.replaceChildren(heading("help-title", panels.shortcuts), h("dl", {}, ...rows));
  dialog.showModal();
}
