import { normalize } from "./normalize.ts";

/**
 * Scripts written without spaces. Each character is indexed as a word, and a longer word is found
 * as a phrase: 可能 is found, and so is 能, without a dictionary.
 */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/**
 * The longest word, in characters. A longer one (a key, a line of base64) is indexed as several
 * words and found as their phrase. PostgreSQL accepts words of up to 2,046 bytes.
 */
const WORD_LIMIT = 64;
const WORD = new RegExp(
  `${UNSPACED.source}|(?:(?!${UNSPACED.source})[\\p{L}\\p{N}\\p{M}]){1,${WORD_LIMIT}}`,
  "gu",
);

/** The most words of a message that are indexed. */
const MOST_WORDS = 8_000;
/**
 * The most UTF-16 units of them: NFKC may expand one character to 18, and PostgreSQL does not index
 * a megabyte.
 */
const MOST_UNITS = 32_000;
/** The most terms of a question. */
const MOST_TERMS = 16;

/** The words of a text as the search index stores them, in order: NFKC, lower case. */
export function wordsOf(text: string): readonly string[] {
  const folded = normalize(text, "NFKC").toLowerCase().slice(0, MOST_UNITS);
  return (folded.match(WORD) ?? []).slice(0, MOST_WORDS);
}

/**
 * The phrases of a question, all of which must match. A phrase is what stands between spaces or in
 * quotation marks.
 */
export function phrasesOf(question: string): readonly (readonly string[])[] {
  const parts = question.match(/"[^"]*"|[^\s"]+/g) ?? [];
  return parts
    .map(wordsOf)
    .filter((words) => words.length > 0)
    .slice(0, MOST_TERMS);
}

/** Whether a word may match as a prefix: only in scripts written with spaces. */
export function isPrefix(word: string): boolean {
  return !UNSPACED.test(word);
}
