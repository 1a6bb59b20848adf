import { button, byId, h } from "../base/dom.ts";
import { panels } from "../people/words.ts";
import { t } from "../base/words.ts";

/** Shows a picture of the log enlarged; arrow keys move to the others. */
export function openLarge(link: HTMLAnchorElement): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("#log a.picture")];
  let at = Math.max(0, links.indexOf(link));
  const dialog = byId("large", HTMLDialogElement);
  const picture = h("img", { alt: "" });
  const name = h("bdi", {});
  const save = h("a", { download: true }, panels.saveFile);
  const show = () => {
    const chosen = links[at];
    if (!chosen) return;
    const small = chosen.querySelector("img");
    picture.src = chosen.href;
    picture.alt = small?.alt ?? "";
    name.textContent = picture.alt;
    save.href = chosen.href;
    save.download = picture.alt;
    before.disabled = at === 0;
    after.disabled = at === links.length - 1;
  };
  const step = (by: number) => {
    if (!links[at + by]) return;
    at += by;
    show();
  };
  const before = button(panels.previous, "back", () => step(-1));
  const after = button(panels.next, "next", () => step(1));
  const close = button(t.close, "close", () => dialog.close());
  dialog.setAttribute("aria-label", panels.picture);
  dialog.replaceChildren(picture, h("footer", {}, before, after, name, save, close));
  dialog.onkeydown = ({ key }) => {
    if (key === "ArrowLeft") step(-1);
    else if (key === "ArrowRight") step(1);
  };
  dialog.onclose = () => {
    picture.src = "";
    // A message that was drawn again meanwhile has other links, to the same addresses.
    const same = [...document.querySelectorAll<HTMLAnchorElement>("#log .picture")];
    same.find(({ href }) => href === links[at]?.href)?.focus();
  };
  show();
  dialog.showModal();
  close.focus();
}
