import type { Language } from "./locale.ts";
import type { Role } from "./person.ts";
import { atLeast } from "./role.ts";

type Words = Readonly<Record<Language, string>>;

/** One slash command: what `/help` and the completion list say of it. */
export interface Command {
  readonly name: string;
  /** What comes after the name, as `/help` shows it. */
  readonly usage: Words;
  readonly help: Words;
  /** Who finds it in the list; what it may do is `may`'s to say. */
  readonly least: Role;
}

const WHO: Words = { en: "NAME", zh: "名字" };
const WHO_WHY: Words = { en: "NAME [reason]", zh: "名字 [原因]" };
const WHO_LONG: Words = { en: "NAME [10m|2h|3d] [reason]", zh: "名字 [10m|2h|3d] [原因]" };
const ON_OFF: Words = { en: "on|off", zh: "on|off" };
const NONE: Words = { en: "", zh: "" };

function command<const Name extends string>(
  name: Name,
  usage: Words,
  en: string,
  zh: string,
  least: Role = "guest",
) {
  return { name, usage, help: { en, zh }, least };
}

/** Every command there is, in the order in which `/help` lists them. */
export const COMMANDS = [
  command("help", NONE, "What you can do here", "这里能用的命令"),
  command("nick", WHO, "Change your name for this visit", "更改这次使用的名字"),
  command("who", NONE, "Who is here", "谁在这里"),
  command("msg", WHO, "A conversation between the two of you", "两个人的私聊"),
  command(
    "report",
    { en: "#NUMBER [reason]", zh: "#编号 [原因]" },
    "Report a message",
    "举报一条消息",
  ),
  command("delete", { en: "#NUMBER", zh: "#编号" }, "Delete a message", "删除一条消息"),
  command("topic", { en: "[text]", zh: "[文字]" }, "Read or set the topic", "查看或设置话题"),
  command(
    "close",
    { en: "members|password WORD|open", zh: "members|password 密码|open" },
    "Make the room members only, give it a password, or open it again",
    "仅限成员、设置密码，或重新开放",
    "member",
  ),
  command(
    "kick",
    WHO_WHY,
    "Put someone out; they may come back",
    "请人离开（可以再来）",
    "moderator",
  ),
  command("mute", WHO_LONG, "Keep someone quiet (10 minutes)", "禁言（默认 10 分钟）", "moderator"),
  command("unmute", WHO, "Let them speak again", "解除禁言", "moderator"),
  command("ban", WHO_LONG, "Keep someone out", "封禁", "moderator"),
  command("unban", WHO, "Let them in again", "解除封禁", "moderator"),
  command("delete-all", WHO_WHY, "Delete all they wrote here", "删除其在此的全部消息", "moderator"),
  command(
    "invite",
    { en: "[days] [uses]", zh: "[天数] [次数]" },
    "A link that lets people into this room",
    "生成进入本房间的邀请链接",
    "moderator",
  ),
  command("lock", NONE, "Close the room for now", "暂时关闭房间", "moderator"),
  command("unlock", NONE, "Open it again", "重新打开房间", "moderator"),
  command("readonly", ON_OFF, "Only moderators write", "仅管理者可发言", "moderator"),
  command(
    "slow",
    { en: "SECONDS|off", zh: "秒数|off" },
    "One message of each person in so many seconds",
    "慢速模式：每人每隔若干秒一条",
    "moderator",
  ),
  command("pin", { en: "#NUMBER", zh: "#编号" }, "Pin a message", "置顶一条消息", "moderator"),
  command("unpin", { en: "#NUMBER", zh: "#编号" }, "Take a pin away", "取消置顶", "moderator"),
  command("mod", WHO, "Name a moderator of this room", "任命本房间的管理者", "owner"),
  command("unmod", WHO, "Take that away", "撤销任命", "owner"),
  command(
    "keep",
    { en: "DAYS days|N messages|all", zh: "天数 days|条数 messages|all" },
    "How much of what was said is kept",
    "消息保留多久或多少条",
    "owner",
  ),
  command("list", ON_OFF, "Show the room in the lobby", "在大厅里显示这个房间", "owner"),
  command("archive", ON_OFF, "Nobody writes here any more", "归档，不再发言", "owner"),
] as const satisfies readonly Command[];

export type CommandName = (typeof COMMANDS)[number]["name"];

/** What someone typed that begins with a slash. */
export type Typed =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "command"; readonly name: CommandName; readonly rest: string }
  | { readonly kind: "unknown"; readonly name: string };

const SHOWN = 32;

/**
 * Reads a text as it was typed: `//` at its start stands for one slash of text; a slash and a letter
 * is a command, known or not; all else (`/`, `/ 5`, `/=`) is text.
 */
export function readTyped(text: string): Typed {
  if (!text.startsWith("/")) return { kind: "text", text };
  if (text.startsWith("//")) return { kind: "text", text: text.slice(1) };
  const [, written, rest = ""] = /^\/(\p{L}\S*)\s*(.*)$/su.exec(text) ?? [];
  if (written === undefined) return { kind: "text", text };
  const known = COMMANDS.find(({ name }) => name === written.toLowerCase());
  if (known) return { kind: "command", name: known.name, rest: rest.trim() };
  return { kind: "unknown", name: [...written].slice(0, SHOWN).join("") };
}

/** The commands that someone of this role finds in lists. */
export function commandsFor(role: Role): readonly Command[] {
  return COMMANDS.filter(({ least }) => atLeast(role, least));
}

/** `/help` as plain text, a line a command. */
export function helpText(role: Role, language: Language): string {
  return commandsFor(role)
    .map(({ name, usage, help }) => `/${name} ${usage[language]}`.trim() + ` — ${help[language]}`)
    .join("\n");
}

/** The commands that begin with what was typed so far (`/ki`), for a completion list. */
export function completeCommand(typed: string, role: Role): readonly Command[] {
  if (!/^\/[\p{L}-]*$/u.test(typed)) return [];
  const start = typed.slice(1).toLowerCase();
  return commandsFor(role).filter(({ name }) => name.startsWith(start));
}
