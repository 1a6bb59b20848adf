import { join } from "node:path";
import { linesOf } from "../chat/files/decoder.ts";
import { preparePicture } from "../chat/files/picture.ts";

/** The command of this program that `Decoder` runs; not for people. */
export const PICTURES = "--prepare-pictures";

/** This program, to be started once more: the executable, or Bun with the source. */
export function picturesCommand(): readonly string[] {
  const isOneFile = /^(?:\/\$bunfs|[A-Z]:\\~BUN)/.test(import.meta.dir);
  const program = isOneFile ? [] : [join(import.meta.dir, "../../index.ts")];
  return [process.execPath, ...program, PICTURES];
}

/** Prepares a picture for each line that comes in, until no more can come. */
export async function preparePictures(): Promise<number> {
  // A stop by the terminal goes to the server, which ends this process when it needs it no longer.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
  const lines = linesOf(Bun.stdin.stream());
  let next = lines.next();
  for (;;) {
    const { done, value } = await next;
    if (done) return 0;
    next = lines.next();
    // The server has gone: nobody waits for the picture that is being decoded.
    void next.then(({ done: hasEnded }) => hasEnded && process.exit(0));
    const { path, type }: Record<string, unknown> = { ...JSON.parse(value) };
    const picture = await preparePicture(String(path), String(type)).catch(() => null);
    process.stdout.write(`${JSON.stringify(picture)}\n`);
  }
}
