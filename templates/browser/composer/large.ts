import { fill } from "../../../lib/model/text/locale.ts";
import { button, byId, h } from "../base/dom.ts";
import { t } from "../base/words.ts";
import { panels } from "../people/words.ts";

/** How much larger an enlarged picture is, and the most a wheel makes of it. */
const ENLARGED = 2.5;
const LARGEST = 8;
/** A finger that moves so far, in pixels, leads to the next picture. */
const SWIPE = 60;

/** How a picture is shown: so many times its fitting size, and moved by so many pixels. */
interface Place {
  scale: number;
  x: number;
  y: number;
}

/**
 * Shows a picture of the log over the whole page, with who sent it and when. The arrows and a swipe
 * lead to the others; a double press, the wheel and + and - change its size; a larger one is dragged.
 */
export function openLarge(link: HTMLAnchorElement): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("#log a.picture")];
  let at = Math.max(0, links.indexOf(link));
  const place: Place = { scale: 1, x: 0, y: 0 };
  const dialog = byId("large", HTMLDialogElement);
  const picture = h("img", { alt: "", draggable: "false" });
  const stage = h("div", { class: "picture-stage" }, picture);
  const [name, about] = [h("bdi", {}), h("small", {})];
  const save = h("a", { download: true }, panels.saveFile);
  const put = () => {
    if (place.scale <= 1) Object.assign(place, { scale: 1, x: 0, y: 0 });
    picture.style.transform = `translate(${place.x}px, ${place.y}px) scale(${place.scale})`;
    stage.classList.toggle("enlarged", place.scale > 1);
  };
  const zoom = (scale: number) => {
    place.scale = Math.min(LARGEST, scale);
    put();
  };
  const toggle = () => zoom(place.scale > 1 ? 1 : ENLARGED);
  const show = () => {
    const chosen = links[at];
    if (!chosen) return;
    zoom(1);
    picture.src = chosen.href;
    picture.alt = chosen.querySelector("img")?.alt ?? "";
    name.textContent = picture.alt;
    about.textContent = sender(chosen);
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
  const enlarge = button(panels.enlarge, "search", toggle);
  const close = button(t.close, "close", () => dialog.close());
  const words = h("p", {}, name, about);
  dialog.setAttribute("aria-label", panels.picture);
  dialog.replaceChildren(stage, h("footer", {}, before, after, words, enlarge, save, close));
  dialog.onkeydown = ({ key }) => {
    if (key === "ArrowLeft") step(-1);
    else if (key === "ArrowRight") step(1);
    else if (key === "+") zoom(place.scale * 1.5);
    else if (key === "-") zoom(place.scale / 1.5);
  };
  dialog.onclose = () => {
    picture.src = "";
    const chosen = links[at];
    // A message that was drawn again meanwhile has other links, to the same addresses.
    const same = [...document.querySelectorAll<HTMLAnchorElement>("#log .picture")];
    (chosen?.isConnected ? chosen : same.find(({ href }) => href === chosen?.href))?.focus();
  };
  stage.ondblclick = toggle;
  stage.onwheel = (event) => {
    event.preventDefault();
    zoom(place.scale * (event.deltaY < 0 ? 1.2 : 1 / 1.2));
  };
  listenToPointer(stage, place, put, step);
  show();
  dialog.showModal();
  close.focus();
}

/** Drags a picture that is larger than the page; otherwise a swipe leads to the one beside it. */
function listenToPointer(
  stage: HTMLElement,
  place: Place,
  put: () => void,
  step: (by: number) => void,
): void {
  let from: { readonly x: number; readonly y: number; readonly id: number } | null = null;
  stage.onpointerdown = ({ clientX, clientY, pointerId }) => {
    from = { x: clientX - place.x, y: clientY - place.y, id: pointerId };
    stage.setPointerCapture(pointerId);
  };
  stage.onpointermove = ({ clientX, clientY, pointerId }) => {
    if (from?.id !== pointerId || place.scale <= 1) return;
    Object.assign(place, { x: clientX - from.x, y: clientY - from.y });
    put();
  };
  stage.onpointerup = ({ clientX, pointerId }) => {
    if (from?.id !== pointerId) return;
    const moved = clientX - from.x;
    from = null;
    if (place.scale <= 1 && Math.abs(moved) > SWIPE) step(moved < 0 ? 1 : -1);
  };
  stage.onpointercancel = () => (from = null);
}

/** Who sent a picture of the log, and when. */
function sender(link: Element): string {
  const row = link.closest(".message");
  const name = row?.querySelector(".byline .name")?.textContent?.trim() ?? "";
  const time = row?.querySelector("time")?.title ?? "";
  return fill(panels.sentBy, { name, time });
}
