import type { Actions } from "./log/actions.ts";
import { toast } from "./base/announce.ts";
import type { Composer } from "./composer/composer.ts";
import type { Connection } from "./net/connection.ts";
import { byId, page } from "./base/dom.ts";
import { saveName } from "./base/me.ts";
import { loadPanels } from "./panels/lazy.ts";
import type { People } from "./panels/people.ts";
import type { Places } from "./net/places.ts";
import type { Kind, Switcher } from "./panels/switcher.ts";
import { talkTo } from "./panels/talk.ts";
import { t } from "./base/words.ts";

interface Parts {
  readonly connection: Connection;
  readonly composer: Composer;
  readonly actions: Actions;
  readonly toHash: () => Promise<void>;
  /** The page was shown or hidden. */
  readonly turned: () => void;
  readonly people: People;
  readonly places: Places;
}

/** The page's own buttons and keys. */
export function listen(parts: Parts): void {
  const { connection, composer, actions, places, toHash, turned, people } = parts;
  const name = () => people.myName;
  const form = byId("me", HTMLFormElement);
  const field = byId("name", HTMLInputElement);
  const on = (id: string, act: () => void) =>
    byId(id, HTMLButtonElement).addEventListener("click", act);
  const openName = () => {
    form.hidden = false;
    field.value = name();
    field.select();
  };
  on("leave", () => connection.close());
  on("read-all", () => places.readAll());
  on("rejoin", () => {
    connection.open();
    composer.text.focus();
  });
  const panels = (act: (panels: Awaited<ReturnType<typeof loadPanels>>) => void) =>
    void loadPanels().then(act, () => toast(t.lost));
  on("show-settings", () => panels(({ openSettings }) => openSettings(places, openName)));
  const openSwitcher = switcherOpener(parts);
  for (const [id, kind] of [
    ["jump", "all"],
    ["show-search", "all"],
    ["add-room", "rooms"],
    ["add-talk", "people"],
  ] as const)
    on(id, () => openSwitcher(kind));
  // Loaded in advance, so that they open at once, and without a network.
  for (const kind of ["pointerdown", "keydown"])
    addEventListener(kind, () => void loadPanels().catch(() => undefined), { once: true });
  closeOutside();
  closeMenus();
  addEventListener("hashchange", () => void toHash());
  addEventListener("focus", turned);
  document.addEventListener("visibilitychange", turned);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = await saveName(field.value);
    if (problem !== null) return toast(problem.words);
    form.hidden = true;
    // Reconnecting makes the room use the new name.
    connection.open();
    composer.text.focus();
  });
  form.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && name() !== "") form.hidden = true;
  });

  document.addEventListener("keydown", (event) => {
    const { target, key, altKey } = event;
    const step = key === "ArrowUp" ? -1 : key === "ArrowDown" ? 1 : null;
    if (altKey && step !== null) {
      event.preventDefault();
      actions.step(step);
      return;
    }
    if (
      key === "k" &&
      (event.ctrlKey || event.metaKey) &&
      !document.querySelector("dialog[open]")
    ) {
      event.preventDefault();
      return openSwitcher("all");
    }
    const writes = target instanceof Element && target.closest("input, textarea, select, dialog");
    if (writes || event.defaultPrevented || event.ctrlKey || event.metaKey || altKey) return;
    const { text } = composer;
    // Space and Enter press the focused button or link.
    const isPressed = target instanceof Element && target.closest("button, a, audio, video");
    if (key === "?") panels(({ openHelp }) => openHelp());
    else if (key === "Escape" && event.shiftKey) places.readAll();
    else if (key === "Escape") text.focus();
    // A letter, or an input method, continues in the composer: the browser types it there.
    else if (([...key].length === 1 && !(key === " " && isPressed)) || key === "Process")
      text.focus();
  });
}

/** The switcher's field opens at once; the search loads later, and takes over what was typed. */
function switcherOpener({ places, people, connection }: Parts): (kind: Kind) => void {
  const dialog = byId("search", HTMLDialogElement);
  const field = byId("search-for", HTMLInputElement);
  const words = { all: t.jumpTo, rooms: t.jumpRoom, people: t.jumpPerson };
  let switcher: Switcher | undefined;
  dialog.querySelector("#search-form button")?.addEventListener("click", () => dialog.close());
  return async (kind) => {
    field.placeholder = words[kind];
    if (kind !== "all") field.value = "";
    dialog.showModal();
    field.select();
    try {
      const panels = await loadPanels();
      switcher ??= new panels.Switcher({
        places: () => places.all.filter(({ room }) => room !== page.room),
        others: () => people.all.filter(({ id }) => id !== page.me),
        talk: (person) => void talkTo(person, connection),
      });
      switcher.start(kind);
    } catch {
      toast(t.lost);
    }
  };
}

/** A dialog closes when the page beside it is pressed. */
function closeOutside(): void {
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", ({ target }) => {
      if (target === dialog) dialog.close();
    });
  }
}

/** A menu closes after a choice; the sidebar, when the page has room for it. */
function closeMenus(): void {
  for (const menu of document.querySelectorAll<HTMLElement>("[popover]")) {
    menu.addEventListener("click", ({ target }) => {
      if (!(target instanceof Element) || !target.closest("button:not([popovertarget]), a")) return;
      if (menu.matches(":popover-open")) menu.hidePopover();
    });
  }
  matchMedia("(min-width: 56rem)").addEventListener("change", () => {
    for (const open of document.querySelectorAll<HTMLElement>(":popover-open")) open.hidePopover();
  });
}
