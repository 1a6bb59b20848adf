import { cutText } from "./text.ts";

/** What stands for covered text. */
const COVERED = "▒▒▒";
const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&quot;": '"',
  "&#39;": "'",
};

export interface Words {
  readonly text: string;
  /** What `renderMarkup` made of the text. */
  readonly html?: string | undefined;
  readonly files?: readonly { readonly name: string }[] | undefined;
}

/**
 * A message's words on one line of at most `most` characters, without mark-up, for lists and notices.
 * What is covered in it stays covered. Of files that came without a word, their names.
 */
export function oneLine({ text, html, files = [] }: Words, most: number): string {
  if (text === "") return cutText(files.map(({ name }) => name).join(", "), most);
  if (html === undefined) return cutText(spaced(text), most);
  const words = covered(html)
    .replace(/<(?:br|\/p|\/li|\/pre|\/blockquote)[^<>]*>/g, " ")
    .replace(/<[^<>]*>/g, "")
    .replace(/&(?:lt|gt|amp|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
  return cutText(spaced(words), most);
}

/** With something else in the place of each covered part, and of what is covered once more in it. */
function covered(html: string): string {
  const parts = html.split(/(<span class="spoiler">|<\/span>)/);
  let depth = 0;
  const shown = parts.map((part) => {
    if (part === "</span>") depth -= 1;
    else if (part.startsWith("<span ")) return (depth += 1) === 1 ? COVERED : "";
    return depth > 0 ? "" : part;
  });
  return shown.join("");
}

function spaced(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
