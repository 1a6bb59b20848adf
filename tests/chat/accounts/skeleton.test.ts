import { describe, expect, test } from "bun:test";
import { prototypeOf } from "../../../lib/model/people/confusables.ts";
import { personName } from "../../../lib/model/people/person.ts";
import { isReserved } from "../../../lib/model/people/reserved.ts";
import {
  looksAlike,
  skeletonKey,
  skeletonKeys,
  skeleton,
} from "../../../lib/model/people/skeleton.ts";

describe("Unicode's table", () => {
  test.each([
    ["m", "rn", "UTS #39's own example of two for one"],
    ["Ⅷ", "Vlll", "a number"],
    ["ﷺ", "صلى ﷲ علىه وسلم".replaceAll("ﷲ", "الله"), "a whole sentence"],
    ["Ꭺ", "A", "Cherokee"],
    ["ꓮ", "A", "Lisu"],
    ["𐊠", "A", "Carian, beyond the first plane"],
    ["⼀", "一", "a radical"],
    ["ニ", "二", "katakana and a Chinese two"],
    ["é", "é", "apart, as every skeleton is"],
    ["a\u200db", "ab", "what shows nothing"],
    ["abc", "abc", "what looks like nothing else"],
  ])("%s has the skeleton %s: %s", (text, expected) => {
    expect(skeleton(text)).toBe(skeleton(expected));
    expect(skeleton(text)).toBe(skeleton(skeleton(text)));
  });

  test("is all of it", async () => {
    const file = new URL("../../../lib/model/people/confusables.txt", import.meta.url);
    const lines = (await Bun.file(file).text()).split("\n").filter((line) => /^[^#]/.test(line));
    expect(lines).toHaveLength(5_500);
    for (const line of lines) {
      const [source = "", target = ""] = line
        .split(";")
        .map((points) => points.split(" ").map((hex) => String.fromCodePoint(parseInt(hex, 16))))
        .map((characters) => characters.join(""));
      expect(prototypeOf(source)).toBe(target);
    }
  });
});

describe("names that look the same are the same", () => {
  test.each([
    ["Ada", "ada", "case"],
    ["ada", "аdа", "Cyrillic а"],
    ["Ada", "ＡＤＡ", "full width"],
    ["ada", "𝒶𝓭𝖆", "mathematical letters"],
    ["ada", "a\u200bd\u00ada", "what shows nothing"],
    ["Ivan", "lvan", "capital i, small L"],
    ["Ivan", "1van", "one"],
    ["bob", "b0b", "zero"],
    ["omega", "οmega", "Greek omicron"],
    ["modern", "rnodern", "rn and m"],
    ["Петя", "Пeтя", "Latin e among Cyrillic"],
    ["José", "Jose\u0301", "composed and not"],
    ["Ada L", "AdaL", "a space"],
    ["jean-luc", "jean‐luc", "another dash"],
    ["ﬁona", "fiona", "a ligature"],
    ["bob", "ВОВ", "Cyrillic capitals"],
    ["Nic", "ΝΙϹ", "Greek capitals, which are not small letters of the same look"],
    ["Alice", "AIice", "a capital i as it is written"],
    ["Malk", "rnaIk", "both at once"],
    ["Вова", "вова", "Cyrillic, in any case"],
    ["Νίκος", "ΝΊΚΟΣ", "Greek, in any case"],
    ["Strauß", "STRAUSS", "an s more in capitals"],
    ["ivan", "i\u0307van", "a dot on a dot"],
    ["william", "vvilliam", "two strokes"],
    ["paypal", "раураӏ", "Cyrillic throughout"],
    ["nikita", "ոikita", "Armenian"],
  ])("%s and %s: %s", (one, other) => {
    expect(looksAlike(one, other)).toBe(true);
    expect(looksAlike(other, one)).toBe(true);
  });

  test.each([
    ["ada", "adam"],
    ["José", "Jose"],
    ["梁洛铭", "梁洛鸣"],
    ["Петя", "Пётя"],
    ["ann", "anna"],
    ["nina", "nima"],
    ["Van", "Nan"],
    ["Guy", "Gyy"],
    ["Tom", "Ton"],
    ["Petra", "Pedra"],
    ["小明", "小朋"],
    ["ゆき", "ゆさ"],
    ["علي", "عمر"],
    ["Вова", "Вера"],
  ])("%s and %s can be told apart", (one, other) => {
    expect(looksAlike(one, other)).toBe(false);
  });

  test("a name is kept under the first of its looks, the same in any case", () => {
    for (const name of ["Ada", "rnodern", "Петя", "梁洛铭", "w00t", "ΝΙϹ"]) {
      expect(skeletonKeys(name)[0]).toBe(skeletonKey(name));
      expect(skeletonKey(name.toLowerCase())).toBe(skeletonKey(name));
      expect(skeletonKeys(name).length).toBeWithin(1, 4);
    }
  });
});

describe("names that say who is in charge", () => {
  test.each([
    "admin",
    "Аdmin",
    "ADMIN 1",
    "admin_2",
    "a.d.m.i.n",
    "моderator",
    "管理员",
    "系统",
    "sуstem",
    "r00t",
    "ⓐⓓⓜⓘⓝ",
    "🅰🅳🅼🅸🅽",
    "🇦🇩🇲🇮🇳",
    "Zoe (mod)",
    "Zoe Аdmin",
    "ZoeAdmin",
    "Chat Support 2",
    "systemadmin",
    "系统管理员",
    "小王-管理员",
    "官方客服",
    "超级管理員",
    "Admin小王",
  ])("%s is reserved", (name) => expect(isReserved(name)).toBe(true));
  test.each([
    ...["Ali", "Modi", "adminah", "ada", "管", "helper", "Joe Root", "Modesta", "Simon Mody"],
    ...["机器人小王", "小明", "Owen R", "Stafford", "1", "—"],
  ])("%s is anyone's", (name) => expect(isReserved(name)).toBe(false));
});

describe("names that are none", () => {
  test.each([
    ["\u202eada", "turns the line around"],
    ["a\u0000b", "a control character"],
    ["a" + "\u0301".repeat(5), "stacked marks"],
    ["\u3164", "a letter that shows nothing"],
    ["Zoe ✓", "a check mark"],
    ["Zoe ✅", "a check mark"],
    ["Zoe ☑️", "a check mark"],
    ["🛡 Zoe", "a shield"],
    ["⭐Zoe", "a star"],
    ["👑Zoe", "a crown"],
    ["Zoe®", "a mark of ownership"],
  ])("%j: %s", (name) => {
    expect(personName(name)).toMatchObject({ code: "invalid" });
  });
});
