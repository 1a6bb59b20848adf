import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { catalogueFault } from "../../model/text/locale.ts";
import en, { type Catalogue } from "../../../templates/locales/en.ts";

/**
 * Runs while the program is loaded or compiled, never in the executable: these are paths of the
 * source.
 */
const TEMPLATES = join(import.meta.dir, "../../../templates");

/** Every `*.html` of `templates/`, `templates/parts/` and `templates/admin/`, by its name. */
export function pageSources(): Record<string, string> {
  const isPage = (name: string) => name.endsWith(".html");
  return { ...read(isPage), ...read(isPage, "parts"), ...read(isPage, "admin") };
}

/** The words of each language, by its code. A file with missing words stops the build. */
export async function catalogues(): Promise<Record<string, Catalogue>> {
  const all: Record<string, Catalogue> = {};
  for (const file of readdirSync(join(TEMPLATES, "locales")).sort()) {
    const module: { default?: unknown } = await import(join(TEMPLATES, "locales", file));
    const words = module.default;
    if (!isCatalogue(words)) throw new Error(`locales/${file}: ${catalogueFault(words, en)}.`);
    all[file.replace(/\.ts$/, "").toLowerCase()] = words;
  }
  return all;
}

function isCatalogue(words: unknown): words is Catalogue {
  return catalogueFault(words, en) === null;
}

/**
 * What browsers load, by its served name: images; the entry points of the browser's TypeScript and
 * the styles, bundled and minified; the words for scripts.
 */
export async function browserFiles(): Promise<Record<string, string>> {
  const files = {
    ...read((name) => name.endsWith(".svg") || name.endsWith(".webmanifest")),
    ...read(() => true, "data"),
  };
  for (const entry of [
    "boot",
    "admin",
    "composer/files",
    "lobby",
    "panels/panels",
    "people/people",
    "room",
    "worker",
  ]) {
    files[`${basename(entry)}.js`] = bundle(`browser/${entry}.ts`);
  }
  const scripts = Object.values(files).join("\n");
  for (const [language, { page, commands, people, panels, push }] of Object.entries(
    await catalogues(),
  )) {
    const words = { page: mentioned(page, scripts), commands };
    files[`${language}.js`] = `export default ${JSON.stringify(words)}`;
    files[`${language}-later.js`] = `export default ${JSON.stringify({ people, panels, push })}`;
  }
  files["page.css"] = bundle("styles/page.css");
  files["lobby.css"] = bundle("styles/lobby.css");
  files["forms.css"] = bundle("styles/forms.css");
  files["people.css"] = bundle("styles/people.css");
  files["files.css"] = bundle("styles/files.css");
  return files;
}

/** Binary images, by their served names, as base64, because a macro cannot return bytes. */
export function browserPictures(): Record<string, string> {
  return read((name) => name.endsWith(".png"), ".", "base64");
}

/** The words whose keys the scripts mention: the others are for the server's templates alone. */
function mentioned(words: Catalogue["page"], scripts: string): Partial<Catalogue["page"]> {
  const names = new Set(scripts.match(/\w+/g));
  return Object.fromEntries(Object.entries(words).filter(([key]) => names.has(key)));
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

/** Uses the command line, because `Bun.build` in a macro would wait for the macro's own thread. */
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
