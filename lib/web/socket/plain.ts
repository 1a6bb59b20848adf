import { filePath } from "../../model/files/file.ts";
import type { Message } from "../../model/wire/event.ts";
import { plainText } from "../../model/wire/plain.ts";
import type { ServerFrame } from "../../model/wire/frame.ts";

/** A frame in the plain-text protocol; null if that cannot express it. */
export function plainFrame(frame: ServerFrame, base: string): string | null {
  if (frame.type === "message") return plainLine(frame, base);
  return frame.type === "notice" ? frame.text : null;
}

/** A message in the plain-text protocol; each file is a line with its address below `base`. */
export function plainLine({ author, text, files = [] }: Message, base: string): string {
  const lines = [...(text === "" ? [] : [text]), ...files.map((file) => base + filePath(file))];
  return plainText(author, lines.join("\n"));
}
