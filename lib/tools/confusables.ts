/**
 * `bun lib/tools/confusables.ts FILE` writes lib/model/people/confusables.txt from Unicode's own
 * file (https://www.unicode.org/Public/security/latest/confusables.txt; in ICU's sources,
 * source/data/unidata/confusables.txt). A tool for new versions of Unicode, not part of the
 * program.
 */
import { join } from "node:path";

const [file = ""] = process.argv.slice(2);
const official = await Bun.file(file).text();
const version = /^# Version: ([\d.]+)$/m.exec(official)?.[1];
if (version === undefined) throw new Error(`${file} is not Unicode's confusables.txt`);

const lines: string[] = [];
for (const [, source = "", target = ""] of official.matchAll(
  /^([0-9A-F]+) ;\t([0-9A-F ]+) ;\tMA\t/gm,
)) {
  const character = String.fromCodePoint(Number.parseInt(source, 16));
  // Characters that NFD decomposes are never looked up, since skeletons are decomposed.
  if (character.normalize("NFD") !== character) continue;
  lines.push(`${source.padStart(5, "0")};${target}`);
}
const digest = new Bun.CryptoHasher("sha256").update(official).digest("hex");
const head = [
  `# Unicode ${version}, security/confusables.txt, sha256 ${digest},`,
  "# by lib/tools/confusables.ts: a character; what it looks like. In order, to be searched as it is.",
  "# © 2025 Unicode, Inc. Terms of use: https://www.unicode.org/terms_of_use.html",
];
const out = join(import.meta.dir, "../model/people/confusables.txt");
await Bun.write(out, [...head, ...lines.sort(), ""].join("\n"));
