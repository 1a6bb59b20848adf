import { join } from "node:path";
import { linesOf } from "../chat/files/decoder.ts";
import { preparePicture } from "../chat/files/picture.ts";

/** The internal command of this program that `Decoder` runs. */
export const PICTURES = "--prepare-pictures";

/** The command that starts this program again: the executable, or Bun with the source. */
export function picturesCommand(): readonly string[] {
  const isOneFile = /^(?:\/\$bunfs|[A-Z]:\\~BUN)/.test(import.meta.dir);
  const program = isOneFile ? [] : [join(import.meta.dir, "../../index.ts")];
  return [process.execPath, ...program, PICTURES];
}

/** Prepares a picture for each line of input, until the input ends. */
export async function preparePictures(): Promise<number> {
  // Signals of the terminal are for the server, which ends this process when it is no longer
  // needed.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
  const lines = linesOf(Bun.stdin.stream());
  let next = lines.next();
  for (;;) {
    const { done, value } = await next;
    if (done) return 0;
    next = lines.next();
    // The server has ended; nobody waits for the picture being decoded.
    void next.then(({ done: hasEnded }) => hasEnded && process.exit(0));
    const { path, type }: Record<string, unknown> = { ...JSON.parse(value) };
    const picture = await preparePicture(String(path), String(type)).catch(() => null);
    process.stdout.write(`${JSON.stringify(picture)}\n`);
  }
}
