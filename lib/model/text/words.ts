import { normalize } from "./normalize.ts";

/**
 * Scripts written without spaces between words: each character is a word of its own, and a word of
 * several is found as a phrase. So 可能 is found, and 能 in it, without a dictionary.
 */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/**
 * Characters of a word. A longer one (a key, a line of base64) is several words, and is found as their
 * phrase; PostgreSQL takes none of more than 2,046 bytes.
 */
const WORD_LIMIT = 64;
const WORD = new RegExp(
  `${UNSPACED.source}|(?:(?!${UNSPACED.source})[\\p{L}\\p{N}\\p{M}]){1,${WORD_LIMIT}}`,
  "gu",
);

/** Words of one message that are indexed. */
const MOST_WORDS = 8_000;
/** UTF-16 units of them: NFKC makes up to 18 characters of one. PostgreSQL indexes no megabyte. */
const MOST_UNITS = 32_000;
/** Terms of one question that are looked for. */
const MOST_TERMS = 16;

/** The words of a text as the search index keeps them, in order: NFKC, lower case. */
export function wordsOf(text: string): readonly string[] {
  const folded = normalize(text, "NFKC").toLowerCase().slice(0, MOST_UNITS);
  return (folded.match(WORD) ?? []).slice(0, MOST_WORDS);
}

/**
 * What a question asks for: phrases, all of which must be there. What stands between spaces, or in
 * quotation marks, is one phrase.
 */
export function phrasesOf(question: string): readonly (readonly string[])[] {
  const parts = question.match(/"[^"]*"|[^\s"]+/g) ?? [];
  return parts
    .map(wordsOf)
    .filter((words) => words.length > 0)
    .slice(0, MOST_TERMS);
}

/** Whether a word may be the beginning of a longer one: only where words are spelled out. */
export function isPrefix(word: string): boolean {
  return !UNSPACED.test(word);
}
