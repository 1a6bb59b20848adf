import { describe, expect, test } from "bun:test";
import { hueOf, HUES, initialsOf } from "../../../lib/model/wire/appearance.ts";

const CSS = await Bun.file("templates/styles/message.css").text();
const BASE = await Bun.file("templates/styles/base.css").text();

describe("initials", () => {
  test.each([
    ["Ada", "AD"],
    ["Ada Lovelace", "AL"],
    ["  grace  brewster hopper", "GH"],
    ["(o) [p]", "OP"],
    ["林小雨", "小雨"],
    ["老王", "老王"],
    ["נועה", "נו"],
    ["Ada 🚀", "A🚀"],
    ["X", "X"],
    ["", ""],
    ["--", ""],
  ])("of %s: %s", (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});

/** Linear red, green and blue of an OKLCH colour, by Björn Ottosson; clipped to what a screen shows. */
function rgb(lightness: number, chroma: number, hue: number): number[] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((value) => Math.min(1, Math.max(0, value)));
}

function ofHex(hex: string): number[] {
  return [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

/** The contrast of two colours by WCAG 2. */
function contrast(one: readonly number[], other: readonly number[]): number {
  const [light = 0, dark = 0] = [one, other]
    .map(([r = 0, g = 0, b = 0]) => 0.2126 * r + 0.7152 * g + 0.0722 * b)
    .sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

describe("the colours of names", () => {
  const [, first = 0, angle = 0] =
    /--hue: calc\((\d+) \+ ([\d.]+) \* var\(--n\)\)/.exec(CSS)?.map(Number) ?? [];
  const hues = [...CSS.matchAll(/\[data-hue="(\d+)"\] \{\s*--n: (\d+);/g)].map(
    ([, at, n]) => [Number(at), first + angle * Number(n)] as const,
  );
  const shade = (name: string) =>
    [
      ...(new RegExp(`--${name}: light-dark\\((.*?)\\);`).exec(CSS)?.[1] ?? "").matchAll(
        /oklch\((\d+)% ([\d.]+)/g,
      ),
    ].map(([, light, chroma]) => [Number(light) / 100, Number(chroma)] as const);
  const papers = ["paper", "panel", "raised", "mark"].map((name) => {
    const [, light = "", dark = ""] =
      new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(BASE) ?? [];
    return [ofHex(light), ofHex(dark)] as const;
  });

  test("are as many as people are told apart by, each by the golden angle from the last", () => {
    expect(hues.map(([at]) => at)).toEqual(Array.from({ length: HUES }, (_, at) => at));
    for (const [at, hue] of hues) expect(hue).toBeCloseTo(first + at * 137.508);
    expect(hueOf("some id")).toBeWithin(0, HUES);
  });

  test("have a contrast of 4.5 on every ground, and in a picture, in light and in dark", () => {
    expect(papers).toHaveLength(4);
    for (const [, hue] of hues) {
      for (const theme of [0, 1] as const) {
        const [light = 0, chroma = 0] = shade("own")[theme] ?? [];
        const own = rgb(light, chroma, hue);
        const [washLight = 0, washChroma = 0] = shade("wash")[theme] ?? [];
        const grounds = [rgb(washLight, washChroma, hue), ...papers.map((each) => each[theme])];
        for (const ground of grounds) expect(contrast(own, ground)).toBeGreaterThanOrEqual(4.5);
      }
    }
  });
});
