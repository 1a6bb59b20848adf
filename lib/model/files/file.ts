import { normalize } from "../text/normalize.ts";

/** A file of a message, as it goes over the wire: in `message`, and in the answer to an upload. */
export interface FileInfo {
  /** 128 random bits; with the name it is the file's address. */
  readonly id: string;
  /** As `fileName` makes it. */
  readonly name: string;
  /** What its content is, as `contentType` finds it; never what someone says it is. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Of a picture, in pixels, as it is to be shown. */
  readonly width?: number;
  readonly height?: number;
}

/** Files of one message at the most. */
export const MOST_FILES = 10;

const NAME_LIMIT = 128;
/** Of an ending that is kept where a name is too long. */
const ENDING_LIMIT = 16;
/** Not seen, or seen as something else: controls, and marks that turn the order of letters round. */
const UNSEEN = /[\p{C}\u2028\u2029]/gu;
/** What the file systems people save to do not take. */
const NOT_IN_NAMES = /[<>:"/\\|?*]/g;

/**
 * A name under which anyone may save the file: without folders, controls and marks that hide its
 * ending; at most 128 characters, and never empty.
 */
export function fileName(raw: string): string {
  const last = raw.slice(-1_000).split(/[/\\]/).at(-1) ?? "";
  const name = normalize(last.toWellFormed(), "NFC")
    .replace(UNSEEN, "")
    .replace(NOT_IN_NAMES, "_")
    .replace(/^[\s.]+|[\s.]+$/g, "");
  if (name === "") return "file";
  const letters = [...name];
  if (letters.length <= NAME_LIMIT) return name;
  const dot = letters.lastIndexOf(".");
  const ending = letters.length - dot <= ENDING_LIMIT && dot > 0 ? letters.slice(dot) : [];
  return [...letters.slice(0, NAME_LIMIT - ending.length), ...ending].join("");
}

/** Where a file is, below the base path. */
export function filePath({ id, name }: Pick<FileInfo, "id" | "name">): string {
  return `files/${id}/${encodeURIComponent(name)}`;
}

/** How a file is shown. What is `other` is only ever saved, never opened. */
export function kindOf(type: string): "image" | "audio" | "video" | "other" {
  const [kind] = type.split("/");
  // A picture that is a document of its own, with scripts in it, is none.
  if (type === "image/svg+xml") return "other";
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "other";
}

/** What a node was told of a file, with known fields only; null where it is none. */
export function decodeFile(value: unknown): FileInfo | null {
  if (typeof value !== "object" || value === null) return null;
  const { id, name, type, size, width, height }: Record<string, unknown> = { ...value };
  if (typeof id !== "string" || typeof name !== "string" || typeof type !== "string") return null;
  if (!isCount(size)) return null;
  const box = isCount(width) && isCount(height) ? { width, height } : {};
  return { id, name, type, size, ...box };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** The largest a picture is shown in the log, in CSS pixels. */
const SHOWN = { width: 400, height: 300 };

/** How large a picture is shown: what it keeps free before it has come, so that nothing jumps. */
export function shownSize(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, SHOWN.width / width, SHOWN.height / height);
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

const UNITS = ["kilobyte", "megabyte", "gigabyte"] as const;

/**
 * A number of bytes as people of a language (a BCP 47 tag) read it. A kilobyte is 1,024 bytes here, as
 * in the limits and in most file managers.
 */
export function sizeText(bytes: number, language: string): string {
  if (bytes < 1024) return `${bytes} B`;
  let [value, unit] = [bytes / 1024, 0];
  for (; value >= 1000 && unit < UNITS.length - 1; unit += 1) value /= 1024;
  const how = { style: "unit", unit: UNITS[unit] ?? "kilobyte", unitDisplay: "short" } as const;
  const digits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { ...how, maximumFractionDigits: digits }).format(value);
}
