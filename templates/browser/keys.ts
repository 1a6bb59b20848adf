import type { Actions } from "./log/actions.ts";
import { toast } from "./base/announce.ts";
import type { Composer } from "./composer/composer.ts";
import type { Connection } from "./net/connection.ts";
import { byId, page } from "./base/dom.ts";
import type { Places } from "./panels/places.ts";
import { saveName } from "./base/me.ts";
import { Search } from "./panels/search.ts";
import { closeOutside, openHelp, openSettings } from "./panels/settings.ts";

interface Parts {
  readonly connection: Connection;
  readonly composer: Composer;
  readonly actions: Actions;
  readonly places: Places;
  readonly openHash: () => Promise<void>;
  /** The page was turned to, or away from. */
  readonly turned: () => void;
  readonly name: () => string;
}

/** The page's own buttons and keys. */
export function listen(parts: Parts): void {
  const { connection, composer, actions, places, openHash, turned, name } = parts;
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
  on("rejoin", () => {
    connection.open();
    composer.text.focus();
  });
  on("show-settings", () => openSettings(page.room, openName, (level) => places.choose(level)));
  const search = new Search();
  on("show-search", () => search.open());
  closeOutside();
  addEventListener("hashchange", () => void openHash());
  addEventListener("focus", turned);
  document.addEventListener("visibilitychange", turned);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = await saveName(field.value);
    if (problem !== null) return toast(problem);
    form.hidden = true;
    // The room hears a new name when its owner comes in with it.
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
      return search.open();
    }
    const writes = target instanceof Element && target.closest("input, textarea, select, dialog");
    if (writes || event.defaultPrevented || event.ctrlKey || event.metaKey || altKey) return;
    const { text } = composer;
    // Space and Enter press the button or the link that has the focus.
    const isPressed = target instanceof Element && target.closest("button, a, audio, video");
    if (key === "?") openHelp();
    else if (key === "Escape" && event.shiftKey) places.readAll();
    else if (key === "Escape") text.focus();
    // A letter, or an input method that begins one, goes on in the composer: the browser types it there.
    else if (([...key].length === 1 && !(key === " " && isPressed)) || key === "Process")
      text.focus();
  });
}
