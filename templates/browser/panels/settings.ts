import { below, byId, h } from "../base/dom.ts";
import { type Notify, prefer, preferences, room } from "../base/memory.ts";
import { chooseTheme } from "../base/theme.ts";
import { panels } from "../people/words.ts";
import { t } from "../base/words.ts";

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

/**
 * The room's settings. All but `chooseNotice` concern this browser alone. `changeName` shows the
 * field for the name.
 */
export function openSettings(
  name: string,
  changeName: () => void,
  chooseNotice: (level: Notify) => void,
): void {
  const dialog = byId("settings", HTMLDialogElement);
  const { theme, desktop, sound, showMoves } = preferences();
  const themes = [
    ["auto", t.themeAuto],
    ["light", t.themeLight],
    ["dark", t.themeDark],
  ] as const;
  const kinds: Choices<Notify> = [
    ["all", panels.notifyAll],
    ["mentions", panels.notifyMentions],
    ["none", panels.notifyNone],
  ];
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
    select(panels.notify, room(name).notify, kinds, chooseNotice),
    check(panels.desktop, desktop, (on, box) => void allow(on, box)),
    denied,
    check(panels.sound, sound, (on) => prefer({ sound: on })),
    check(panels.showMoves, showMoves, (on) => prefer({ showMoves: on })),
    select(t.theme, theme, themes, chooseTheme),
    h("div", { class: "row" }, h("span", {}, panels.language), language ?? null),
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
