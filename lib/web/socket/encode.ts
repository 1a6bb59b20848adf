import { filePath } from "../../model/files/file.ts";
import type { Message } from "../../model/wire/event.ts";
import { plainText } from "../../model/wire/plain.ts";
import type { ServerFrame } from "../../model/wire/frame.ts";

/** The most bytes of frames sent as one: far below the limit of waiting bytes. */
const GROUP_LIMIT = 64 * 1024;

/** Encodes frames as JSON: one as an object, several as arrays of up to `GROUP_LIMIT` bytes. */
export function grouped(frames: readonly object[]): string[] {
  const groups: string[] = [];
  let group: string[] = [];
  let size = 0;
  const close = () => {
    const [only] = group;
    if (only !== undefined) groups.push(group.length === 1 ? only : `[${group.join(",")}]`);
    group = [];
    size = 0;
  };
  for (const frame of frames) {
    const json = JSON.stringify(frame);
    if (size + json.length > GROUP_LIMIT) close();
    group.push(json);
    size += json.length;
  }
  close();
  return groups;
}

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
