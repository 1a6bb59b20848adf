import { describe, expect, test } from "bun:test";
import { Refusal } from "../../lib/model/base/errors.ts";
import { NAME_LIMIT, personName } from "../../lib/model/people/person.ts";
import { characters } from "../../lib/model/text/text.ts";
import { seeded, wildText } from "../support/random.ts";

describe("a person's name", () => {
  test.each([
    ["ada", "ada"],
    ["  ada  ", "ada"],
    ["Ada  Lovelace", "Ada Lovelace"],
    ["Ada\u3000Lovelace", "Ada Lovelace"],
    ["梁洛铭", "梁洛铭"],
    ["Zoe\u0308", "Zoë"],
    ["हिन्दी", "हिन्दी"],
    ["ada ❤️", "ada ❤️"],
    ["<b>ada</b>", "<b>ada</b>"],
    ["ada: hello", "ada: hello"],
  ])("%j is %j", (raw, name) => {
    expect(personName(raw)).toBe(name);
  });

  test.each([
    ["", "invalid"],
    ["   ", "invalid"],
    ["\u3000", "invalid"],
    ["a\nb", "invalid"],
    ["a\u2028b", "invalid"],
    ["a\0b", "invalid"],
    ["a\u202eb", "invalid"],
    ["a\u200bb", "invalid"],
    ["a\u2066b", "invalid"],
    ["\ud83d", "invalid"],
    ["\ue000", "invalid"],
    [`a${"\u0301".repeat(30)}`, "invalid"],
    ["a".repeat(NAME_LIMIT + 1), "too_long"],
    ["😀".repeat(NAME_LIMIT + 1), "too_long"],
    ["a".repeat(1_000_000), "too_long"],
  ])("%j is refused: %s", (raw, code) => {
    const refused = personName(raw);
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).toHaveProperty("code", code);
  });

  test.each([
    ["Hangul filler", "\u3164"],
    ["half-width Hangul filler", "\uffa0"],
    ["blank Braille pattern", "\u2800"],
    ["combining grapheme joiner", "\u034f"],
    ["a variation selector alone", "\ufe0f"],
    ["a mark with nothing to stand on", "\u0301"],
    ["Khmer inherent vowel", "a\u17b4"],
    ["supplementary variation selector", "a\u{e0101}"],
    ["tag characters", "a\u{e0041}"],
  ])("cannot be what no one sees: %s", (_, raw) => {
    expect(personName(raw)).toHaveProperty("code", "invalid");
  });

  test("counts characters, not code units", () => {
    expect(personName("😀".repeat(NAME_LIMIT))).toBe("😀".repeat(NAME_LIMIT));
  });

  test("of wild text: it is kept as it is when given again, within the limit, in one line", () => {
    const random = seeded(2);
    let named = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const name = personName(wildText(random, 4));
      if (name instanceof Refusal) continue;
      named += 1;
      expect(personName(name)).toBe(name);
      expect(characters(name)).toBeLessThanOrEqual(NAME_LIMIT);
      expect(name).not.toMatch(/[\n\r\u2028\u2029\0]/);
    }
    expect(named).toBeGreaterThan(5_000);
  });
});
