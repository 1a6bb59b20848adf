import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dir, "../../templates/handlers/init");

/**
 * The files that `chatroom handlers init` writes, by name. Runs while the program is loaded or
 * compiled.
 */
export function exampleFiles(): Record<string, string> {
  const names = readdirSync(FOLDER).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(FOLDER, name), "utf8")]));
}
