/** Changes the text by a table of special texts, and a default: the notes' `f1`. */
const SPECIAL: Record<string, string> = {
  llm: "是帅哥",
  梁洛铭: "是帅哥",
};
const OTHERWISE = "是好人";

export default function byName({ text }: { text: string }) {
  const ending = Object.hasOwn(SPECIAL, text) ? SPECIAL[text] : OTHERWISE;
  return { text: `${text}${ending}` };
}
