/**
 * Characters that look like another, and what they look like: in each pair the first is what the
 * others count as. Made by hand for names in Latin letters and digits against Cyrillic, Greek,
 * Armenian, Cherokee and the Latin letters that are hard to tell apart; it is a part of Unicode's
 * confusables (UTS #39), not all of them.
 * Where in doubt two names count as alike: that costs one of them a letter, the other way an
 * impostor gets in.
 */
const ALIKE: readonly (readonly [string, string])[] = [
  ["a", "аɑαаⲁꭺᎪ"],
  ["b", "ьƅвβᏏᖯ"],
  ["c", "сϲⅽᴄⲥꮯᏟ"],
  ["d", "ԁɗḍᏧᑯժ"],
  ["e", "еҽєℯεеᎬ"],
  ["f", "ƒϝғքꞙ"],
  ["g", "ɡցɢᶃǥԍᏀ"],
  ["h", "һհнηᏂᎻ"],
  ["j", "јϳʝյᎫ"],
  ["k", "кκⲕᴋᏦќ"],
  // One, small L, capital i (folded to i) and the bar: the same stroke in most fonts.
  ["l", "1i|ıіιɩӏⅼǀ∣ɪᎥᏞاו。ⵏ"],
  ["n", "ոռпπɴ"],
  ["o", "0оοօσⲟഠ๐໐०੦౦೦ഠ०ᴏ°סჿ"],
  ["p", "рρϱⲣᏢƿ"],
  ["q", "ԛգզ"],
  ["r", "гᴦⲅꭇꮁᏒ"],
  ["s", "ѕꜱƽᏚՏ"],
  ["t", "тτⲧᴛᎢ"],
  ["u", "υսцʋᴜꭎ"],
  ["v", "ѵνⅴᴠᏙ∨"],
  ["x", "хχⅹ×ⲭ᙮"],
  ["y", "уγүʏყᎩ"],
  ["z", "ᴢꮓᏃʐ"],
  // Two strokes that run together, as UTS #39 has it.
  ["rn", "mмⅿᴍ"],
  ["vv", "wшԝѡᴡᏔщ"],
  ["ae", "æӕ"],
  ["oe", "œ"],
  ["ss", "ß"],
  ["-", "‐‑‒–—―−_⁃˗➖"],
  [".", "․·•‧∙⋅"],
  ["'", "’‘`´ʼʹ′＇"],
];

const PROTOTYPE: ReadonlyMap<string, string> = new Map(
  ALIKE.flatMap(([prototype, others]) =>
    [...others].map((other) => [other.toLowerCase(), prototype] as const),
  ),
);
const IGNORED = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Z}]/gu;

/**
 * How a name looks: two names with the same look cannot be told apart at a glance, and count as one.
 * NFKC, case, the look-alikes above; spaces and what shows nothing do not count. The result is only
 * for comparing. A variant of UTS #39's skeleton that also folds case.
 */
export function look(name: string): string {
  const folded = name.normalize("NFKC").toLowerCase().normalize("NFKC").replace(IGNORED, "");
  let skeleton = "";
  for (const character of folded.normalize("NFD")) {
    // A mark on top of a letter is seen; the dot that every i has is not.
    if (character !== "\u0307") skeleton += PROTOTYPE.get(character) ?? character;
  }
  return skeleton.normalize("NFC");
}

/** Names that say who is in charge: nobody else's. */
const RESERVED: ReadonlySet<string> = new Set(
  [
    ..."admin administrator root system server chatroom moderator mod operator owner staff".split(
      " ",
    ),
    ..."support security official everyone 管理员 管理者 管理 系统 系統 管理員 版主".split(" "),
    ..."群主 站长 客服 官方 机器人 所有人".split(" "),
  ].map(look),
);

export function isReserved(name: string): boolean {
  // Neither dots nor a number at an end make `Admin_1` someone else.
  const bare = name.replace(/[\p{P}\p{S}\p{Z}]+/gu, "").replace(/^\p{N}+|\p{N}+$/gu, "");
  return RESERVED.has(look(bare));
}
