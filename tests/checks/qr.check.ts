/**
 * QR codes as a reader sees them, read by `zbarimg` (Debian's zbar-tools): `bun test ./tests/checks/qr.check.ts`.
 */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type QrCode } from "../../templates/browser/qr/draw.ts";
import { qrCode } from "../../templates/browser/qr/code.ts";
import { temporaryFolder } from "../support/servers/server.ts";

const zbar = Bun.which("zbarimg");
const QUIET = 4;
const SCALE = 4;

/** A portable grey map, with the four light modules around that the standard asks for. */
function picture(code: QrCode): Uint8Array {
  const size = (code.length + 2 * QUIET) * SCALE;
  const head = new TextEncoder().encode(`P5\n${size} ${size}\n255\n`);
  const pixels = new Uint8Array(size * size).map((_, index) => {
    const x = Math.floor((index % size) / SCALE) - QUIET;
    const y = Math.floor(index / size / SCALE) - QUIET;
    return code[y]?.[x] ? 0 : 255;
  });
  return Buffer.concat([head, pixels]);
}

describe.skipIf(zbar === null)("a QR code is read as what it says", () => {
  const base = "https://chat.example.org/rooms/";
  test.each([
    "a",
    `${base}123`,
    `${base}${encodeURIComponent("图书馆")}`,
    ...[14, 15, 26, 62, 84, 106, 122, 152, 180, 213, 250, 400, 700, 1_200, 2_331].map((length) =>
      base.padEnd(length, "xyzw-0123"),
    ),
  ])("%s", async (text) => {
    const code = qrCode(text);
    if (!code) throw new Error("it is too long");
    const file = join(await temporaryFolder(), "code.pgm");
    await Bun.write(file, picture(code));
    const child = Bun.spawn([zbar ?? "zbarimg", "-q", "--raw", file], {
      stdout: "pipe",
      stderr: "ignore",
    });
    expect((await new Response(child.stdout).text()).trimEnd()).toBe(text);
  });
});

test("what is too long for any QR code is refused", () => {
  expect(qrCode("x".repeat(2_332))).toBeNull();
});
