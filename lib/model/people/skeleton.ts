import { normalize } from "../text/normalize.ts";
import { prototypeOf } from "./confusables.ts";

const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * UTS #39, section 4, `internalSkeleton`: two texts with the same skeleton are confusable. It
 * depends on case: `I` looks like `l`, `i` does not.
 */
export function skeleton(text: string): string {
  let looksAlike = "";
  for (const character of normalize(text, "NFD").replace(UNSEEN, ""))
    looksAlike += prototypeOf(character);
  return normalize(looksAlike, "NFD");
}

/** Removes spaces and characters that only control line breaking. */
function bare(name: string): string {
  return name.replace(/[\p{Z}\p{Cf}]/gu, "");
}

function small(text: string): string {
  // The dot of i and j is not seen twice.
  return text.toLowerCase().replace(/(?<=[ij])\u0307/gu, "");
}

/** The skeleton regardless of case, with `rn` merged to `m`, which the table leaves out. */
function seen(text: string): string {
  return normalize(small(skeleton(text)), "NFD").replaceAll("vv", "w");
}

/**
 * The key a name is stored under; equal for names that differ only in case or in invisible
 * characters.
 */
export function skeletonKey(name: string): string {
  return seen(small(bare(normalize(name, "NFKC"))));
}

/**
 * Every skeleton key of a name. Two names that share a key cannot be told apart at a glance, and
 * count as the same. A name is one in any case, so there is a key for it in lower case, in upper
 * case and as written: `AIice` is `Alice` as written, Cyrillic `ВОВ` is `bob` in upper case,
 * `rnike` is `mike` in lower case. NFKC is applied first, because compatibility forms have no case;
 * but not to the name as written, because it turns Greek `Ϲ` into a sigma. The skeleton follows the
 * case mapping, since it depends on the letters seen; then case is folded again, since a prototype
 * may be upper case (`0` is `O`). The first key is `skeletonKey`.
 */
export function skeletonKeys(name: string): readonly string[] {
  const large = bare(normalize(name, "NFKC")).toUpperCase();
  return [...new Set([skeletonKey(name), seen(large), seen(bare(name))])];
}

/** Whether two names share a skeleton key. */
export function looksAlike(one: string, other: string): boolean {
  const others = skeletonKeys(other);
  return skeletonKeys(one).some((each) => others.includes(each));
}
