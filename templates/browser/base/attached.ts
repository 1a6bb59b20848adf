import {
  type FileInfo,
  filePath,
  kindOf,
  shownSize,
  sizeText,
} from "../../../lib/model/files/file.ts";
import { below, h, page } from "./dom.ts";

/** A message's files: pictures with their space reserved, players, and a line for others. */
export function filesOf(files: readonly FileInfo[]): HTMLElement {
  return h("ul", { class: "files" }, ...files.map((file) => h("li", {}, ...shown(file))));
}

function shown(file: FileInfo): HTMLElement[] {
  const { name, type, size, width, height } = file;
  const href = below(filePath(file)).href;
  const kind = kindOf(type);
  if (kind === "image" && width && height) {
    const box = { alt: name, ...shownSize(width, height), loading: "lazy" };
    return [h("a", { class: "picture", href }, h("img", { ...box, src: `${href}?thumb` }))];
  }
  const small = h("small", {}, sizeText(size, page.language));
  const line = h("a", { class: "file", href, download: name }, h("bdi", {}, name), " ", small);
  if (kind === "video") return [h("video", { src: href, controls: true, preload: "none" }), line];
  if (kind === "audio") return [h("audio", { src: href, controls: true, preload: "none" }), line];
  return [line];
}
