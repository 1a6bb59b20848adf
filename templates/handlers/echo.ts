/** Answers the sender, and no one else: the single-point echo of the notes. */
export default function echo({ text }: { text: string }) {
  // A file may come without a word.
  return text === "" ? {} : { reply: `${text}，真好` };
}
