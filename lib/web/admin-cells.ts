import type { Words } from "../../templates/locales/en.ts";
import type { Form } from "./desk.ts";

/** One field of a row: text, a link, or a time. */
export interface Cell {
  readonly text: string;
  readonly href: string;
  readonly time: string;
}
export interface Row {
  /** What tests and styles know a row by. */
  readonly action: string;
  readonly cells: readonly Cell[];
  readonly forms: readonly Form[];
}
export const text = (value: string | number): Cell => ({ text: String(value), href: "", time: "" });
const link = (value: string, href: string): Cell => ({ text: value, href, time: "" });
export function when(ms: number): Cell {
  const iso = new Date(ms).toISOString();
  return { text: `${iso.slice(0, 16).replace("T", " ")} UTC`, href: "", time: iso };
}
export const roomLink = (room: string, w: Words) =>
  room === "" ? text(w.everywhere) : link(room, `../rooms/${encodeURIComponent(room)}`);
export const nameOf = ({ id, name }: { id: string; name: string }) => name || `#${id}`;
