import { normalize } from "../text/normalize.ts";
import { prototypeOf } from "./confusables.ts";

const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * UTS #39, section 4, `internalSkeleton`: two texts with the same skeleton are confusable. Whether
 * they are written large or small matters to it: `I` looks like `l`, and `i` does not.
 */
export function skeleton(text: string): string {
  let looksAlike = "";
  for (const character of normalize(text, "NFD").replace(UNSEEN, ""))
    looksAlike += prototypeOf(character);
  return normalize(looksAlike, "NFD");
}

/** Without what nobody tells names apart by: spaces, and what only steers the line. */
function bare(name: string): string {
  return name.replace(/[\p{Z}\p{Cf}]/gu, "");
}

function small(text: string): string {
  // The dot that is on every i and j is not seen twice.
  return text.toLowerCase().replace(/(?<=[ij])\u0307/gu, "");
}

/** The skeleton, without regard to case; and two strokes that run together, which it leaves out. */
function seen(text: string): string {
  return normalize(small(skeleton(text)), "NFD").replaceAll("vv", "w");
}

/** What a name is kept under: the same for names that differ in case, and in what is not seen. */
export function skeletonKey(name: string): string {
  return seen(small(bare(normalize(name, "NFKC"))));
}

/**
 * Every way a name can look: two names that share one cannot be told apart at a glance, and count as
 * one. Names are the same in any case, so each looks as it does in small letters, in capitals, and
 * as it is written: `AIice` is `Alice` as written, Cyrillic `ВОВ` is `bob` in capitals, `rnike` is
 * `mike` in small letters. NFKC goes first, for case is not folded in compatibility forms; not for
 * the name as it is written, for it makes Greek `Ϲ` a sigma. The skeleton comes after the case: it
 * holds for the letters that are seen; and case again after that, for what they look like may be a
 * capital (`0` is `O`). The first is `skeletonKey`.
 */
export function skeletonKeys(name: string): readonly string[] {
  const large = bare(normalize(name, "NFKC")).toUpperCase();
  return [...new Set([skeletonKey(name), seen(large), seen(bare(name))])];
}

/** Whether two names share a look. */
export function looksAlike(one: string, other: string): boolean {
  const others = skeletonKeys(other);
  return skeletonKeys(one).some((each) => others.includes(each));
}
