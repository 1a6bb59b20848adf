import { describe, expect, test } from "bun:test";
import { contentType } from "../../../lib/model/files/content.ts";
import { fileName, kindOf, shownSize, sizeText } from "../../../lib/model/files/file.ts";
import { rangeOf } from "../../../lib/web/http/range.ts";

describe("the name of a file", () => {
  test.each([
    ["report 报告.pdf", "report 报告.pdf"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\ada\\x.png", "x.png"],
    ["..", "file"],
    ["", "file"],
    [".htaccess", "htaccess"],
    ["a/", "file"],
    ["con\u202egnp.exe", "congnp.exe"],
    ["nul\0\r\nset-cookie: x.png", "nulset-cookie_ x.png"],
    ['a"b<c>d|e?f*.txt', "a_b_c_d_e_f_.txt"],
    ["x.png. . .", "x.png"],
    ["e\u0301.txt", "\u00e9.txt"],
    ["\ud800.txt", "\ufffd.txt"],
  ])("%j is kept as %j", (raw, name) => expect(fileName(raw)).toBe(name));

  test("is at most 128 characters, and keeps its ending", () => {
    const name = fileName(`${"很".repeat(500)}.tar.gz`);
    expect([...name]).toHaveLength(128);
    expect(name).toEndWith(".gz");
    expect([...fileName(`${"x".repeat(200)}.${"y".repeat(40)}`)]).toHaveLength(128);
  });
});

describe("what a file is", () => {
  const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  test.each([
    ["\x89PNG\r\n\x1a\n", "image/png", "image"],
    ["\xff\xd8\xff\xe0", "image/jpeg", "image"],
    ["GIF89a", "image/gif", "image"],
    ["RIFF____WEBPVP8 ", "image/webp", "image"],
    ["RIFF____WAVEfmt ", "audio/wav", "audio"],
    ["ID3\x04", "audio/mpeg", "audio"],
    ["OggS____OpusHead", "audio/ogg", "audio"],
    ["____ftypisom", "video/mp4", "video"],
    ["____ftypM4A ", "audio/mp4", "audio"],
    ["____ftypheic", "application/octet-stream", "other"],
    ["\x1aE\xdf\xa3____webm", "video/webm", "video"],
    ["%PDF-1.7", "application/pdf", "other"],
    ["PK\x03\x04", "application/zip", "other"],
    ["<!doctype html><script>", "text/plain", "other"],
    ['<svg xmlns="http://www.w3.org/2000/svg" onload="x()">', "text/plain", "other"],
    ["\x7fELF\0\0", "application/octet-stream", "other"],
    ["\xff\xfe<\0h\0", "application/octet-stream", "other"],
    [" \x89PNG\r\n\x1a\n", "application/octet-stream", "other"],
  ] as const)("%j is %s", (head, type, kind) => {
    expect(contentType(bytes(head))).toBe(type);
    expect(kindOf(type)).toBe(kind);
  });

  test("a letter cut in two at the end is text still", () => {
    expect(contentType(new TextEncoder().encode("文字").subarray(0, 5))).toBe("text/plain");
  });

  test("SVG is shown as nothing, whoever says it is a picture", () => {
    expect(kindOf("image/svg+xml")).toBe("other");
  });
});

describe("how a file is shown", () => {
  test("a picture in a box of 400 by 300, never larger than it is", () => {
    expect(shownSize(4000, 1000)).toEqual({ width: 400, height: 100 });
    expect(shownSize(1000, 3000)).toEqual({ width: 100, height: 300 });
    expect(shownSize(16, 16)).toEqual({ width: 16, height: 16 });
    expect(shownSize(40_000, 1)).toEqual({ width: 400, height: 1 });
  });

  test("its size as people read it", () => {
    expect(sizeText(7, "en")).toBe("7 B");
    expect(sizeText(1_234, "en")).toBe("1.2 kB");
    expect(sizeText(26_214_400, "en")).toBe("25 MB");
  });
});

describe("a range of bytes", () => {
  const range = (text: string | null, size = 100, more: Record<string, string> = {}) =>
    rangeOf(new Headers({ ...(text === null ? {} : { range: text }), ...more }), size, '"e"');
  test.each([
    ["bytes=0-9", { start: 0, end: 10 }],
    ["bytes=90-", { start: 90, end: 100 }],
    ["bytes=90-500", { start: 90, end: 100 }],
    ["bytes=-10", { start: 90, end: 100 }],
    ["bytes=-500", { start: 0, end: 100 }],
    ["bytes=100-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=9-0", null],
    ["bytes=0-1,5-6", null],
    ["bytes=-", null],
    ["bytes=a-b", null],
    ["bytes=99999999999999999999-", null],
    ["lines=0-1", null],
  ] as const)("%s", (text, expected) => expect(range(text)).toEqual(expected));

  test("is of the file one has already, or it is all of it", () => {
    expect(range("bytes=0-9", 100, { "if-range": '"e"' })).toEqual({ start: 0, end: 10 });
    expect(range("bytes=0-9", 100, { "if-range": '"old"' })).toBeNull();
  });
});
