import { normalize } from "../text/normalize.ts";

/** A file of a message, as sent in `message` and in the answer to an upload. */
export interface FileInfo {
  /** 128 random bits. With the name, the file's address. */
  readonly id: string;
  /** Normalized by `fileName`. */
  readonly name: string;
  /** The media type found by `contentType`, never the one the sender claims. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Of a picture: pixels, upright. */
  readonly width?: number;
  readonly height?: number;
}

/** The most files in a message. */
export const MOST_FILES = 10;

const NAME_LIMIT = 128;
/** The longest extension that is kept when a name is shortened. */
const ENDING_LIMIT = 16;
/** Controls, and characters that reorder text. */
const UNSEEN = /[\p{C}\u2028\u2029]/gu;
/** Characters that file systems do not allow. */
const NOT_IN_NAMES = /[<>:"/\\|?*]/g;

/**
 * A name that is safe to save under: no folders, controls or characters that disguise the
 * extension; 1 to 128 characters.
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

/** The address of a file, below the base path. */
export function filePath({ id, name }: Pick<FileInfo, "id" | "name">): string {
  return `files/${id}/${encodeURIComponent(name)}`;
}

/** How a file is shown. `other` is only ever saved, never opened. */
export function kindOf(type: string): "image" | "audio" | "video" | "other" {
  const [kind] = type.split("/");
  // An SVG is a document and may contain scripts.
  if (type === "image/svg+xml") return "other";
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "other";
}

/**
 * Decodes a file received from another node, keeping only known fields. Returns null if it is
 * invalid.
 */
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

/** The largest size of a picture in the log, in CSS pixels. */
const SHOWN = { width: 400, height: 300 };

/** The size a picture is shown at. Reserved before it loads, so that the page does not shift. */
export function shownSize(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, SHOWN.width / width, SHOWN.height / height);
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

const UNITS = ["kilobyte", "megabyte", "gigabyte"] as const;

/**
 * A size in bytes, formatted for a language (a BCP 47 tag). A kilobyte is 1,024 bytes here, as in
 * the limits and in most file managers.
 */
export function sizeText(bytes: number, language: string): string {
  if (bytes < 1024) return `${bytes} B`;
  let [value, unit] = [bytes / 1024, 0];
  for (; value >= 1000 && unit < UNITS.length - 1; unit += 1) value /= 1024;
  const how = { style: "unit", unit: UNITS[unit] ?? "kilobyte", unitDisplay: "short" } as const;
  const digits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { ...how, maximumFractionDigits: digits }).format(value);
}
