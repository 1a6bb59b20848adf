import { normalize } from "../text/normalize.ts";
import { skeletonKeys } from "./skeleton.ts";

/** Words for people in charge, anywhere in a name. */
const OFFICIAL = (
  "admin administrator sysadmin superadmin superuser system server chatroom moderator mod " +
  "operator owner staff support security official webmaster helpdesk"
).split(" ");
/** The same in Chinese, which has no spaces between words. */
const OFFICIAL_HAN = /管理[员員者]|系[统統]|版主|群主|站[长長]|客服|官方/u;
/** Words reserved only as the whole name. */
const OFFICIAL_ALONE = "root everyone 管理 机器人 機器人 所有人".split(" ");

/** Word boundaries: everything but letters, and a lower-case letter before an upper-case one. */
const BETWEEN =
  /[^\p{L}\p{M}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Script=Han})(?!\p{Script=Han})|(?<!\p{Script=Han})(?=\p{Script=Han})/u;
const NUMBERS_AROUND = /^\p{N}+|\p{N}+$/gu;
/**
 * The first letters of enclosed alphabets: negative circled, negative squared, and regional
 * indicators.
 */
const SIGN_LETTERS = [0x1f150, 0x1f170, 0x1f1e6];

let official: ReadonlySet<string> | null = null;
let alone: ReadonlySet<string> | null = null;

/** Whether a name claims, or seems to claim, that its holder is in charge. */
export function isReserved(name: string): boolean {
  official ??= new Set(OFFICIAL.flatMap(skeletonKeys));
  alone ??= new Set([...OFFICIAL, ...OFFICIAL_ALONE].flatMap(skeletonKeys));
  const plain = normalize(withPlainLetters(name), "NFKC");
  // Punctuation or a trailing number does not change a reserved name: `A.d.m.i.n 1`.
  const whole = plain.replace(/[^\p{L}\p{M}\p{N}]+/gu, "");
  if (hasKey(whole, (key) => alone?.has(key) === true) || OFFICIAL_HAN.test(whole)) return true;
  return plain.split(BETWEEN).some((word) => hasKey(word, isOfficial));
}

function hasKey(word: string, is: (key: string) => boolean): boolean {
  return [word, word.replace(NUMBERS_AROUND, "")].some((each) => skeletonKeys(each).some(is));
}

/** Whether it is one of the words, or several of them joined. */
function isOfficial(key: string): boolean {
  const isWord = (end: number, start: number) => official?.has(key.slice(start, end)) === true;
  // The positions up to which the key consists of such words.
  const ends = [0];
  for (let end = 1; end <= key.length; end += 1) {
    if (ends.some((start) => isWord(end, start))) ends.push(end);
  }
  return key !== "" && ends.at(-1) === key.length;
}

function withPlainLetters(name: string): string {
  return name.replace(/[\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}\u{1f1e6}-\u{1f1ff}]/gu, (sign) => {
    const point = sign.codePointAt(0) ?? 0;
    const start = SIGN_LETTERS.findLast((each) => each <= point) ?? point;
    return String.fromCharCode(0x61 + point - start);
  });
}
