import { readdirSync, readFileSync } from "node:fs";
import { join, parse } from "node:path";
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
  const { css, js } = bundles();
  Object.assign(files, js);
  const scripts = Object.values(files).join("\n");
  for (const [language, { page, commands, people, panels, push }] of Object.entries(
    await catalogues(),
  )) {
    const words = { page: mentioned(page, scripts), commands };
    files[`${language}.js`] = `export default ${JSON.stringify(words)}`;
    files[`${language}-later.js`] = `export default ${JSON.stringify({ people, panels, push })}`;
  }
  return { ...files, ...css };
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

/** The entry points below `templates/`; each is bundled by itself. */
const SCRIPTS = [
  "boot",
  "admin",
  "composer/files",
  "lobby",
  "panels/panels",
  "people/people",
  "room",
  "worker",
].map((name) => `browser/${name}.ts`);
const STYLES = ["page", "lobby", "forms", "people", "files"].map((name) => `styles/${name}.css`);

/** Bundles each entry point of its arguments by itself, and prints their texts as a JSON array. */
const BUNDLE = `
  const build = async (entry) => {
    const { outputs } = await Bun.build({ entrypoints: [entry], minify: true, target: "browser" });
    return outputs[0].text();
  };
  console.log(JSON.stringify(await Promise.all(process.argv.slice(1).map(build))));
`;

/**
 * The bundles by their served names. One process makes them all, since a start from source waits for
 * it; another process, because `Bun.build` in a macro would wait for the macro's own thread.
 */
function bundles(): { readonly js: Record<string, string>; readonly css: Record<string, string> } {
  const paths = [...SCRIPTS, ...STYLES].map((entry) => join(TEMPLATES, entry));
  const result = Bun.spawnSync([process.execPath, "-e", BUNDLE, ...paths]);
  if (!result.success) throw new Error(result.stderr.toString());
  const texts: readonly unknown[] = JSON.parse(result.stdout.toString());
  const named = (entries: readonly string[], from: number, ending: string) =>
    Object.fromEntries(
      entries.map((entry, at) => [`${parse(entry).name}.${ending}`, String(texts[from + at])]),
    );
  return { js: named(SCRIPTS, 0, "js"), css: named(STYLES, SCRIPTS.length, "css") };
}
