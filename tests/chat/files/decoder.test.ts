import { expect, test } from "bun:test";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Decoder } from "../../../lib/chat/files/decoder.ts";
import { picturesCommand } from "../../../lib/cli/pictures.ts";
import { PIXEL } from "../../support/files.ts";
import { temporaryFolder } from "../../support/servers/server.ts";

const observer = { log: () => undefined, count: () => undefined, time: () => undefined };

async function pictures() {
  const folder = await temporaryFolder();
  const original = join(folder, "original");
  await Bun.write(original, PIXEL);
  let made = 0;
  return {
    next: async () => {
      const path = join(folder, `${(made += 1)}`);
      await copyFile(original, path);
      return path;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

test("prepares pictures in a process of its own", async () => {
  await using paths = await pictures();
  const decoder = new Decoder({ command: picturesCommand(), observer });
  const path = await paths.next();
  const picture = await decoder.prepare(path, "image/png", "ada");
  expect(picture).toEqual({ width: 1, height: 1, thumb: 0 });
  expect(await decoder.prepare(path, "image/gif", "ada")).toBeNull();
  decoder.close();
});

test("ends a process that takes too long, and goes on with the next picture", async () => {
  // Takes every picture, and answers for none.
  const decoder = new Decoder({ command: ["sleep", "60"], observer, deadlineMs: 50 });
  const all = ["a", "b", "c", "d"].map((path) => decoder.prepare(path, "image/png", "mallory"));
  expect(await Promise.all(all)).toEqual([null, null, null, null]);
  decoder.close();
});

test("asks again where a process ended by itself, once", async () => {
  await using paths = await pictures();
  const flag = await paths.next();
  await rm(flag);
  const real = picturesCommand().map((word) => `'${word}'`);
  // Its first process ends with its first picture.
  const script = `if mkdir '${flag}' 2>&-; then read line; exit 1; fi; exec ${real.join(" ")}`;
  const decoder = new Decoder({ command: ["bash", "-c", script], observer });
  const path = await paths.next();
  expect(await decoder.prepare(path, "image/png", "ada")).toMatchObject({ width: 1 });
  decoder.close();
  const broken = new Decoder({ command: ["false"], observer });
  expect(await broken.prepare(path, "image/png", "ada")).toBeNull();
  broken.close();
});

test("lets owners take turns, however many pictures one has", async () => {
  const decoder = new Decoder({ command: ["sleep", "60"], observer, deadlineMs: 40 });
  const ended: string[] = [];
  const prepare = async (owner: string) => {
    await decoder.prepare("x", "image/png", owner);
    ended.push(owner);
  };
  const hostile = Array.from({ length: 8 }, () => prepare("mallory"));
  await prepare("ada");
  // Two were at work when she came; two more may have ended with hers.
  expect(ended.length).toBeLessThanOrEqual(5);
  await Promise.all(hostile);
  decoder.close();
});
