import type { FileInfo } from "../../lib/model/files/file.ts";
import type { Server } from "./servers/server.ts";

/** A PNG of one pixel. */
export const PIXEL = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
);

export async function picture(width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Bun.Image(PIXEL).resize(width, height).png().bytes());
}

/** Where a photo says that it was taken. */
export const PLACE = "GPS 52.5200 N 13.4050 E";

/** A JPEG as a telephone makes it: which side is up (6: turned to the right), and where it was. */
export async function photo(width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const jpeg = await new Bun.Image(PIXEL).resize(width, height).jpeg().bytes();
  const text = [...PLACE, "\0"].map((letter) => letter.charCodeAt(0));
  const entries = [0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, ...entries, ...text];
  const body = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  const comment = [0xff, 0xfe, 0, text.length + 2, ...text];
  const head = [0xff, 0xd8, 0xff, 0xe1, 0, body.length + 2, ...body, ...comment];
  return Uint8Array.of(...head, ...jpeg.subarray(2), ...text);
}

export interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly file: FileInfo;
}

/** Uploads bytes as `name`; the answer's code where it was refused. */
export async function upload(
  server: Server,
  room: string,
  name: string,
  body: BodyInit,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const url = new URL(`api/v1/rooms/${encodeURIComponent(room)}/files`, server.url);
  if (!(body instanceof FormData)) url.searchParams.set("name", name);
  const response = await fetch(url, { method: "POST", body, headers });
  const answer: FileInfo & { error?: { code: string } } = await response.json();
  return { status: response.status, code: answer.error?.code, file: answer };
}

/** What is under a file's address. */
export function download(
  server: Server,
  { id, name }: Pick<FileInfo, "id" | "name">,
  headers: Readonly<Record<string, string>> = {},
  query = "",
): Promise<Response> {
  const url = new URL(`files/${id}/${encodeURIComponent(name)}${query}`, server.url);
  return fetch(url, { headers });
}
