/**
 * `bun lib/tools/emoji.ts FOLDER` writes templates/data/emoji.txt from the npm package `emojibase-data`
 * (MIT; its names are Unicode CLDR's) that was installed in FOLDER. A tool for new versions of Unicode,
 * not part of the program.
 *
 * The file: comments begin with `#`; a group is `=`, its name in English, a tab, in Chinese; an emoji
 * is a line of the emoji, `*` after it where it takes a skin tone, a tab, the names for `:name:`, a
 * tab, more words to find it by. Names and words are separated by spaces.
 */
import { join } from "node:path";

const [folder = "."] = process.argv.slice(2);
const DATA = join(folder, "node_modules/emojibase-data");

interface Emoji {
  readonly hexcode: string;
  readonly emoji: string;
  readonly label: string;
  readonly tags?: readonly string[];
  readonly group?: number;
  readonly order?: number;
  readonly skins?: readonly { readonly emoji: string }[];
}
type Shortcodes = Readonly<Record<string, string | readonly string[]>>;

/** Words by which people here have always found them, beside CLDR's. */
const MORE =
  "😀 grin 笑|😂 joy 笑哭|🤣 rofl 笑翻|😊 blush 微笑|😉 wink 眨眼|😍 love 爱慕|😘 kiss 亲|😎 cool 酷|🤔 think 思考|😅 sweat 汗|🙂 smile 呵呵|🙃 upside 倒|😇 angel 天使|😋 yum 好吃|😜 tongue 吐舌|🤗 hug 抱抱|🤫 quiet 嘘|😐 neutral 无语|🙄 roll 白眼|😏 smirk 坏笑|😴 sleep 睡|😷 mask 口罩|🤒 sick 病|🤯 mindblown 震惊|🥳 party 庆祝|😢 cry 哭|😭 sob 大哭|😡 angry 生气|😱 scream 惊恐|😳 flushed 脸红|🥺 plead 求|😬 grimace 尴尬|😤 huff 哼|💀 skull 骷髅|💩 poop 便便|🤖 robot 机器人|👻 ghost 鬼|👍 thumbsup +1 赞|👎 thumbsdown -1 踩|👌 ok 好的|✌️ victory 耶|🤞 fingers 祈愿|🤝 handshake 握手|👏 clap 鼓掌|🙌 hooray 万岁|🙏 pray thanks 谢谢|💪 muscle 加油|👋 wave 你好|👀 eyes 看|🫡 salute 收到|🤷 shrug 摊手|🤦 facepalm 捂脸|❤️ heart 心|💔 broken 心碎|🔥 fire 火|✨ sparkles 闪|⭐ star 星|💯 100 满分|✅ check 完成|❌ no 错|⚠️ warning 注意|❓ question 问|❗ exclaim 叹|💡 idea 主意|🎉 tada 撒花|🎁 gift 礼物|🎂 cake 蛋糕|🧧 redenvelope 红包|🏮 lantern 灯笼|🏆 trophy 奖杯|🚀 rocket 火箭|☕ coffee 咖啡|🍵 tea 茶|🍺 beer 啤酒|🍻 cheers 干杯|🍜 noodles 面|🍚 rice 米饭|🥟 dumpling 饺子|🍎 apple 苹果|🍉 watermelon 瓜|🐶 dog 狗|🐱 cat 猫|🐼 panda 熊猫|🐛 bug 虫|🦀 crab 蟹|🌸 blossom 花|🌹 rose 玫瑰|🌈 rainbow 彩虹|☀️ sun 太阳|🌙 moon 月亮|⛄ snowman 雪人|🌧️ rain 雨|🎵 music 音乐|📚 books 书|📌 pin 图钉|📎 clip 附件|📅 date 日历|⏰ clock 闹钟|💻 laptop 电脑|📱 phone 手机|🔒 lock 锁|🔗 link 链接|💰 money 钱|🏠 home 家|🚗 car 车|✈️ plane 飞机|⚽ soccer 足球|🏀 basketball 篮球|🎮 game 游戏";

/** By emojibase's number of each group; components are no emoji by themselves. */
const GROUPS: readonly (readonly [en: string, zh: string] | null)[] = [
  ["Smileys", "表情"],
  ["People", "人物"],
  null,
  ["Nature", "自然"],
  ["Food", "食物"],
  ["Travel", "旅行"],
  ["Activities", "活动"],
  ["Objects", "物品"],
  ["Symbols", "符号"],
  ["Flags", "旗帜"],
];
const RGI = /^\p{RGI_Emoji}$/v;
const TONE = "\u{1f3fb}";

function read<T>(path: string): Promise<T> {
  return Bun.file(join(DATA, path)).json();
}

const english = await read<readonly Emoji[]>("en/data.json");
const chinese = new Map(
  (await read<readonly Emoji[]>("zh/data.json")).map((each) => [each.hexcode, each]),
);
const shortcodes = await read<Shortcodes>("en/shortcodes/github.json");
const spare = await read<Shortcodes>("en/shortcodes/cldr.json");
const { version } = await read<{ version: string }>("package.json");
const more = new Map(
  MORE.split("|").map((row) => {
    const [emoji = "", ...names] = row.split(" ");
    return [emoji, names];
  }),
);

function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

/** Words that are in none of the others, in lower case. */
function words(all: readonly string[], but: readonly string[]): string {
  const found = all.flatMap((each) => each.toLowerCase().split(/[\s,:“”"()]+/u));
  return [...new Set(found)].filter((each) => each !== "" && !but.includes(each)).join(" ");
}

const lines: string[] = [];
let last = -1;
for (const each of english.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))) {
  const { hexcode, group = -1, label, tags = [], skins = [] } = each;
  // Emojibase writes a variation selector after some that have none in Unicode's own list.
  const emoji = [each.emoji, each.emoji.replaceAll("\ufe0f", "")].find((form) => RGI.test(form));
  const groupNames = GROUPS[group];
  // What this Bun does not know yet, the server does not take as a reaction.
  if (!groupNames || emoji === undefined) continue;
  if (group !== last) lines.push(`=${groupNames.join("\t")}`);
  last = group;
  const toned = emoji.replace(/(\p{Emoji_Modifier_Base})\ufe0f?/gu, `$1${TONE}`);
  const isToned = skins.some((skin) => skin.emoji === toned);
  const extra = more.get(emoji) ?? [];
  const codes = list(shortcodes[hexcode] ?? spare[hexcode]);
  const { label: zh = "", tags: zhTags = [] } = chinese.get(hexcode) ?? {};
  const own = /[\s\t,:]/.test(zh) || zh === "" ? [] : [zh.toLowerCase()];
  const names = [...new Set([...codes, ...own, ...extra])];
  const rest = words([label, ...tags, zh, ...zhTags, ...extra], names);
  lines.push(`${emoji}${isToned ? "*" : ""}\t${names.join(" ")}\t${rest}`);
}
const head = [
  `# emojibase-data ${version}, © Miles Johnson, MIT License; names © Unicode, Inc.,`,
  "# https://www.unicode.org/terms_of_use.html. Written by lib/tools/emoji.ts, which says how to read it.",
];
await Bun.write(
  join(import.meta.dir, "../../templates/data/emoji.txt"),
  [...head, ...lines, ""].join("\n"),
);
