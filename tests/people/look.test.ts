import { describe, expect, test } from "bun:test";
import { personName } from "../../lib/model/person.ts";
import { isReserved, look } from "../../lib/model/skeleton.ts";

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
  ])("%s and %s: %s", (one, other) => {
    expect(look(one)).toBe(look(other));
  });

  test.each([
    ["ada", "adam"],
    ["José", "Jose"],
    ["梁洛铭", "梁洛鸣"],
    ["Петя", "Пётя"],
    ["ann", "anna"],
    ["nina", "nima"],
  ])("%s and %s can be told apart", (one, other) => {
    expect(look(one)).not.toBe(look(other));
  });

  test("looking twice changes nothing for the names above", () => {
    for (const name of ["Ada", "rnodern", "Петя", "梁洛铭", "w00t"]) {
      expect(look(look(name))).toBe(look(name));
    }
  });
});

describe("names that say who is in charge", () => {
  test.each([
    "admin",
    "Аdmin",
    "ADMIN 1",
    "admin_2",
    "mоderator",
    "管理员",
    "系统",
    "sуstem",
    "r00t",
  ])("%s is reserved", (name) => expect(isReserved(name)).toBe(true));
  test.each(["Ali", "Modi", "adminah", "ada", "管", "helper"])("%s is anyone's", (name) =>
    expect(isReserved(name)).toBe(false),
  );
});

describe("names that are none", () => {
  test.each([
    ["\u202eada", "turns the line around"],
    ["a\u0000b", "a control character"],
    ["a" + "\u0301".repeat(5), "stacked marks"],
    ["\u3164", "a letter that shows nothing"],
  ])("%j: %s", (name) => {
    expect(personName(name)).toMatchObject({ code: "invalid" });
  });
});
