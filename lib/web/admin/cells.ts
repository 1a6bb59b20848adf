import { type FileInfo, filePath } from "../../model/files/file.ts";
import type { Words } from "../../../templates/locales/en.ts";
import type { Form } from "../pages/forms.ts";

/** One field of a row: text, a link, or a time; and links that follow it. */
export interface Cell {
  readonly text: string;
  readonly href: string;
  readonly time: string;
  readonly links: readonly { readonly text: string; readonly href: string }[];
}
export interface Row {
  /** What tests and styles know a row by. */
  readonly action: string;
  readonly cells: readonly Cell[];
  readonly forms: readonly Form[];
}
const NOTHING = { href: "", time: "", links: [] } as const;
export const text = (value: string | number): Cell => ({ ...NOTHING, text: String(value) });
const link = (value: string, href: string): Cell => ({ ...NOTHING, text: value, href });
/** Text, and the files that were with it. */
export function textWith(value: string, files: readonly FileInfo[]): Cell {
  const links = files.map((file) => ({ text: file.name, href: `../${filePath(file)}` }));
  return { ...text(value), links };
}
export function when(ms: number): Cell {
  const iso = new Date(ms).toISOString();
  return { ...text(`${iso.slice(0, 16).replace("T", " ")} UTC`), time: iso };
}
export const roomLink = (room: string, w: Words) =>
  room === "" ? text(w.everywhere) : link(room, `../rooms/${encodeURIComponent(room)}`);
export const nameOf = ({ id, name }: { id: string; name: string }) => name || `#${id}`;
