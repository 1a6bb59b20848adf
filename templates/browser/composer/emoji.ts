import { page } from "../base/dom.ts";

/** An emoji and its search terms. */
export interface Emoji {
  readonly emoji: string;
  /** Names written as `:name:`. */
  readonly names: readonly string[];
  readonly words: readonly string[];
  readonly takesTone: boolean;
}

export interface EmojiGroup {
  readonly name: string;
  readonly emoji: readonly Emoji[];
}

/** The skin tone modifiers from light to dark; the first is none. */
export const TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"] as const;

/** An emoji with a skin tone. */
export function toned({ emoji, takesTone }: Emoji, tone: number): string {
  const modifier = TONES[tone] ?? "";
  if (!takesTone || modifier === "") return emoji;
  return emoji.replace(/(\p{Emoji_Modifier_Base})\ufe0f?/gu, `$1${modifier}`);
}

let loading: Promise<readonly EmojiGroup[]> | null = null;

/** All emoji, loaded on first use. Rejects without a network. */
export function loadEmoji(): Promise<readonly EmojiGroup[]> {
  const [, , path = ""] = document.documentElement.dataset["files"]?.split(" ") ?? [];
  const address = new URL(path, location.href);
  loading ??= fetch(address).then(async (answer) => parse(await answer.text()));
  loading.catch(() => (loading = null));
  return loading;
}

/** Parses `templates/data/emoji.txt`; the tool that writes it describes the format. */
function parse(text: string): readonly EmojiGroup[] {
  const groups: { name: string; emoji: Emoji[] }[] = [];
  for (const line of text.split("\n")) {
    const [first = "", names = "", words = ""] = line.split("\t");
    if (first === "" || first.startsWith("#")) continue;
    if (first.startsWith("=")) {
      groups.push({ name: page.language.startsWith("zh") ? names : first.slice(1), emoji: [] });
      continue;
    }
    const takesTone = first.endsWith("*");
    groups.at(-1)?.emoji.push({
      emoji: takesTone ? first.slice(0, -1) : first,
      names: names.split(" ").filter((name) => name !== ""),
      words: words.split(" "),
      takesTone,
    });
  }
  return groups;
}

/** Emoji by name, then by keyword, whole or partial; best matches first. */
export async function findEmoji(part: string, limit: number): Promise<readonly Emoji[]> {
  const wanted = part.toLowerCase();
  const all = (await loadEmoji()).flatMap(({ emoji }) => emoji);
  const named = all.filter(({ names }) => names.includes(wanted));
  const begun = all.filter(({ names }) => names.some((name) => name.startsWith(wanted)));
  const exact = all.filter(({ words }) => words.includes(wanted));
  const starts = all.filter(({ words }) => words.some((word) => word.startsWith(wanted)));
  const holds = all.filter(({ names, words }) =>
    [...names, ...words].some((word) => word.includes(wanted)),
  );
  return [...new Set([...named, ...begun, ...exact, ...starts, ...holds])].slice(0, limit);
}

/** The emoji with exactly this `:name:`. */
export async function emojiNamed(name: string): Promise<string | undefined> {
  const wanted = name.toLowerCase();
  const all = (await loadEmoji()).flatMap(({ emoji }) => emoji);
  return all.find(({ names }) => names.includes(wanted))?.emoji;
}
