import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Runs while this program is loaded or compiled, never in the binary: paths are of the sources. */
const TEMPLATES = join(import.meta.dir, "../../templates");

/** Every `*.html` of `templates/` and `templates/admin/`, by its name. */
export function pageSources(): Record<string, string> {
  const isPage = (name: string) => name.endsWith(".html");
  return { ...read(isPage), ...read(isPage, "admin") };
}

/**
 * What browsers load, by the name it is served under: pictures as they are; the entries of the
 * browser's TypeScript, the catalogues and the styles bundled and made small.
 */
export function browserFiles(): Record<string, string> {
  const files = read((name) => name.endsWith(".svg") || name.endsWith(".webmanifest"));
  for (const entry of ["boot", "desk", "lobby", "room", "worker"]) {
    files[`${entry}.js`] = bundle(`browser/${entry}.ts`);
  }
  for (const name of readdirSync(join(TEMPLATES, "locales"))) {
    files[name.replace(/\.ts$/, ".js")] = bundle(`locales/${name}`);
  }
  files["page.css"] = bundle("styles/page.css");
  files["desk.css"] = bundle("styles/desk.css");
  return files;
}

/** Pictures that are not text, by the name they are served under, as base64: a macro gives no bytes. */
export function browserPictures(): Record<string, string> {
  return read((name) => name.endsWith(".png"), ".", "base64");
}

function read(
  wanted: (name: string) => boolean,
  folder = ".",
  encoding: "utf8" | "base64" = "utf8",
): Record<string, string> {
  const from = join(TEMPLATES, folder);
  const names = readdirSync(from).filter(wanted).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(from, name), encoding)]));
}

/** The command line, since `Bun.build` inside a macro waits for the thread the macro holds. */
function bundle(path: string): string {
  const result = Bun.spawnSync([
    process.execPath,
    "build",
    join(TEMPLATES, path),
    "--minify",
    "--target=browser",
  ]);
  if (!result.success) throw new Error(`${path}: ${result.stderr.toString()}`);
  return result.stdout.toString();
}
