import { join } from "node:path";

/**
 * The program of the handlers' thread as one script. Runs while this program is loaded or compiled,
 * never in the binary: `bun build --compile` bundles no file that only a `Worker` names.
 */
export function threadProgram(): string {
  // The command line, since `Bun.build` inside a macro waits for the thread the macro holds.
  const entry = join(import.meta.dir, "program/main.ts");
  const result = Bun.spawnSync([process.execPath, "build", entry, "--target=bun"]);
  if (!result.success) throw new Error(`${entry}: ${result.stderr.toString()}`);
  return result.stdout.toString();
}
