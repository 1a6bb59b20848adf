/**
 * Whether `text` calls the person of this name: `@name`, in any case, not followed by more letters
 * of a word (after a Han name anything may follow: no space is written there).
 */
export function mentions(text: string, name: string): boolean {
  if (name === "") return false;
  const called = `@${name.toLowerCase()}`;
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(called); at >= 0; at = lower.indexOf(called, at + 1)) {
    const end = lower.slice(at + called.length, at + called.length + 2);
    if (!/^[\p{L}\p{N}_]/u.test(end) || /^\p{Script=Han}/u.test(end)) return true;
    if (/\p{Script=Han}$/u.test(called)) return true;
  }
  return false;
}
