import { describe, expect, test } from "bun:test";
import { stripMetadata } from "../../../lib/model/files/metadata/strip.ts";
import { photo } from "../../support/files.ts";
import {
  manyScans,
  SECRET,
  spokenGif,
  spokenJpeg,
  spokenPng,
  spokenWebp,
} from "../../support/pictures.ts";

const says = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1").includes(SECRET);
async function pixels(bytes: Uint8Array) {
  return (await new Bun.Image(new Uint8Array(bytes)).png().bytes()).toBase64();
}

const SPOKEN = {
  "a JPEG": ["image/jpeg", spokenJpeg],
  "a JPEG without an end": ["image/jpeg", () => spokenJpeg({ hasEnd: false })],
  "a JPEG with stray bytes": ["image/jpeg", () => spokenJpeg({ stray: SECRET })],
  "a photo of a telephone": ["image/jpeg", () => photo(40, 20)],
  "a PNG": ["image/png", spokenPng],
  "a WebP": ["image/webp", spokenWebp],
  "a GIF": ["image/gif", async () => spokenGif()],
} as const;

describe.each(Object.entries(SPOKEN))("%s", (_, [type, make]) => {
  test("loses what it says beside the picture, and no pixel of it", async () => {
    const spoken = await make();
    expect(says(spoken)).toBe(true);
    const bare = stripMetadata(type, spoken);
    if (!bare) throw new Error("it is a picture");
    expect(says(bare.bytes)).toBe(false);
    expect(await pixels(bare.bytes)).toBe(await pixels(spoken));
    const again = stripMetadata(type, bare.bytes);
    expect(again?.bytes).toEqual(bare.bytes);
  });

  test("that is cut anywhere says nothing either", async () => {
    const spoken = await make();
    for (let end = 0; end < spoken.length; end += 3) {
      const bare = stripMetadata(type, spoken.subarray(0, end));
      if (bare) expect(says(bare.bytes)).toBe(false);
    }
  });

  test("whose bytes are changed at random breaks nothing", async () => {
    const spoken = await make();
    for (let round = 0; round < 3_000; round += 1) {
      const bytes = Uint8Array.from(spoken);
      for (let change = 0; change < 4; change += 1) {
        const at = (round * 7919 + change * 104_729) % bytes.length;
        bytes[at] = (round * 31 + change * 17) & 0xff;
      }
      stripMetadata(type, bytes);
    }
  });
});

describe("which side is up", () => {
  test.each([
    ["image/png", spokenPng],
    ["image/webp", spokenWebp],
    ["image/jpeg", spokenJpeg],
  ])("stays in %s", async (type, make) => {
    const bare = stripMetadata(type, await make());
    const entry = [1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6];
    expect(Buffer.from(bare?.bytes ?? []).includes(Buffer.from(entry))).toBe(true);
  });
});

describe("what a picture costs", () => {
  test("is known by its size and its scans, without decoding it", async () => {
    const bare = stripMetadata("image/jpeg", await manyScans(300, 200, 1_000));
    expect(bare).toMatchObject({ width: 300, height: 200 });
    expect(bare?.passes).toBeGreaterThan(1_000);
  });

  test("a GIF of two frames keeps them and its loop", () => {
    const bare = stripMetadata("image/gif", spokenGif());
    const text = Buffer.from(bare?.bytes ?? []).toString("latin1");
    expect(text).toContain("NETSCAPE2.0");
    expect(text.split("\x21\xf9").length - 1).toBe(2);
  });

  test("a file without a picture in it is none", () => {
    for (const type of ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"]) {
      expect(stripMetadata(type, new TextEncoder().encode("\xff\xd8 GIF89a RIFF no"))).toBeNull();
      expect(stripMetadata(type, new Uint8Array(0))).toBeNull();
    }
  });
});
