import { type FileInfo, filePath } from "../../model/files/file.ts";
import { isDirectName, roomPath } from "../../model/rooms/rules.ts";
import type { Words } from "../../../templates/locales/en.ts";
import type { Form } from "../pages/forms.ts";

/** The requested part of a list. */
export interface Ask {
  readonly query: string;
  readonly offset: number;
  readonly limit: number;
}
export type Lines = readonly [columns: readonly string[], rows: readonly Row[]];

/** A field of a row: text, a link, or a time; with further lines of text and links below it. */
export interface Cell {
  readonly text: string;
  readonly href: string;
  readonly time: string;
  /** Its column's name, for where a table has no room for columns. */
  readonly label: string;
  /** As the styles know it: `blank` where there is nothing in it. */
  readonly look: "blank" | "";
  readonly lines: readonly { readonly text: string }[];
  readonly links: readonly { readonly text: string; readonly href: string }[];
}
export interface Row {
  /** Identifies the row in tests and styles. */
  readonly action: string;
  readonly cells: readonly Cell[];
  readonly forms: readonly Form[];
}
const NOTHING = { href: "", time: "", label: "", look: "", lines: [], links: [] } as const;
export const text = (value: string | number): Cell => ({
  ...NOTHING,
  text: String(value),
  look: value === "" ? "blank" : "",
});
const link = (value: string, href: string): Cell => ({ ...NOTHING, text: value, href });
/** A message: its text, further lines about it, and its files. */
export function messageCell(
  value: string,
  lines: readonly string[],
  files: readonly FileInfo[],
): Cell {
  const links = files.map((file) => ({ text: file.name, href: `../${filePath(file)}` }));
  return { ...text(value), lines: lines.map((line) => ({ text: line })), links };
}
export function when(ms: number): Cell {
  const iso = new Date(ms).toISOString();
  return { ...text(`${iso.slice(0, 16).replace("T", " ")} UTC`), time: iso };
}
/** A private talk has no name, only a mark that tells it from others, and nobody else may enter it. */
export function roomLink(room: string, w: Words): Cell {
  if (isDirectName(room)) return text(`${w.privateTalk} ${room.slice(-4)}`);
  return room === "" ? text(w.everywhere) : link(room, `../${roomPath(room)}`);
}
export const nameOf = ({ id, name }: { id: string; name: string }) => name || `#${id}`;
