import type { Language } from "../model/locale.ts";

/** What commands answer; `$1` and `$2` are filled in. Refusals are the wire's, in English. */
const REPLIES = {
  done: { en: "Done.", zh: "好了。" },
  named: { en: "You are $1 now.", zh: "你现在叫 $1。" },
  who: { en: "$1 here: $2", zh: "这里有 $1 人：$2" },
  asked: { en: "$1 wants to talk to you alone: $2", zh: "$1 想和你私聊：$2" },
  direct: { en: "Talk to $1 alone: $2", zh: "和 $1 私聊：$2" },
  reported: { en: "Thank you. Someone will look at it.", zh: "谢谢，会有人查看。" },
  noTopic: { en: "This room has no topic.", zh: "本房间没有话题。" },
  deleted: { en: "$1 messages deleted.", zh: "已删除 $1 条消息。" },
  kept: { en: "$1, until it is lifted.", zh: "$1，直到解除。" },
  keptFor: { en: "$1, for $2.", zh: "$1，时长 $2。" },
  invited: {
    en: "For $1 days and $2 people: $3",
    zh: "$1 天内有效，可用 $2 次：$3",
  },
} as const satisfies Record<string, Readonly<Record<Language, string>>>;

export function say(language: Language, reply: keyof typeof REPLIES, ...values: string[]): string {
  return REPLIES[reply][language].replace(
    /\$(\d)/g,
    (_, at: string) => values[Number(at) - 1] ?? "",
  );
}
