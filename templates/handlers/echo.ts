/** Answers the sender, and no one else: the single-point echo of the notes. */
export default function echo({ text }: { text: string }) {
  return { reply: `${text}，真好` };
}
