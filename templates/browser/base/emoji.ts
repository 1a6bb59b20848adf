/** The emoji of the picker, each with the names it is found by. */
const TABLE = `😀 grin 笑|😂 joy 笑哭|🤣 rofl 笑翻|😊 blush 微笑|😉 wink 眨眼|😍 love 爱慕|😘 kiss 亲|😎 cool 酷|🤔 think 思考|😅 sweat 汗|🙂 smile 呵呵|🙃 upside 倒|😇 angel 天使|😋 yum 好吃|😜 tongue 吐舌|🤗 hug 抱抱|🤫 quiet 嘘|😐 neutral 无语|🙄 roll 白眼|😏 smirk 坏笑|😴 sleep 睡|😷 mask 口罩|🤒 sick 病|🤯 mindblown 震惊|🥳 party 庆祝|😢 cry 哭|😭 sob 大哭|😡 angry 生气|😱 scream 惊恐|😳 flushed 脸红|🥺 plead 求|😬 grimace 尴尬|😤 huff 哼|💀 skull 骷髅|💩 poop 便便|🤖 robot 机器人|👻 ghost 鬼|👍 thumbsup +1 赞|👎 thumbsdown -1 踩|👌 ok 好的|✌️ victory 耶|🤞 fingers 祈愿|🤝 handshake 握手|👏 clap 鼓掌|🙌 hooray 万岁|🙏 pray thanks 谢谢|💪 muscle 加油|👋 wave 你好|👀 eyes 看|🫡 salute 收到|🤷 shrug 摊手|🤦 facepalm 捂脸|❤️ heart 心|💔 broken 心碎|🔥 fire 火|✨ sparkles 闪|⭐ star 星|💯 100 满分|✅ check 完成|❌ no 错|⚠️ warning 注意|❓ question 问|❗ exclaim 叹|💡 idea 主意|🎉 tada 撒花|🎁 gift 礼物|🎂 cake 蛋糕|🧧 redenvelope 红包|🏮 lantern 灯笼|🏆 trophy 奖杯|🚀 rocket 火箭|☕ coffee 咖啡|🍵 tea 茶|🍺 beer 啤酒|🍻 cheers 干杯|🍜 noodles 面|🍚 rice 米饭|🥟 dumpling 饺子|🍎 apple 苹果|🍉 watermelon 瓜|🐶 dog 狗|🐱 cat 猫|🐼 panda 熊猫|🐛 bug 虫|🦀 crab 蟹|🌸 blossom 花|🌹 rose 玫瑰|🌈 rainbow 彩虹|☀️ sun 太阳|🌙 moon 月亮|⛄ snowman 雪人|🌧️ rain 雨|🎵 music 音乐|📚 books 书|📌 pin 图钉|📎 clip 附件|📅 date 日历|⏰ clock 闹钟|💻 laptop 电脑|📱 phone 手机|🔒 lock 锁|🔗 link 链接|💰 money 钱|🏠 home 家|🚗 car 车|✈️ plane 飞机|⚽ soccer 足球|🏀 basketball 篮球|🎮 game 游戏`;

export interface Emoji {
  readonly emoji: string;
  readonly names: readonly string[];
}

export const EMOJI: readonly Emoji[] = TABLE.split("|").map((row) => {
  const [emoji = "", ...names] = row.split(" ");
  return { emoji, names };
});

/** For a reaction at once. */
export const QUICK = ["👍", "❤️", "😂", "🎉", "👀", "🙏"] as const;

/** Those with a name that starts so, then those with one that has it inside; at most `limit`. */
export function findEmoji(part: string, limit: number): readonly Emoji[] {
  const wanted = part.toLowerCase();
  const starts = EMOJI.filter(({ names }) => names.some((name) => name.startsWith(wanted)));
  const holds = EMOJI.filter(({ names }) => names.some((name) => name.indexOf(wanted) > 0));
  return [...new Set([...starts, ...holds])].slice(0, limit);
}
