import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { renderMarkup } from "../../../lib/chat/messages/markup.ts";
import { fileName } from "../../../lib/model/files/file.ts";
import { mentionParts } from "../../../lib/model/people/mention.ts";
import { personName } from "../../../lib/model/people/person.ts";
import { isReserved } from "../../../lib/model/people/reserved.ts";
import { skeletonKeys } from "../../../lib/model/people/skeleton.ts";
import { readTyped } from "../../../lib/model/rooms/commands.ts";
import { roomName } from "../../../lib/model/rooms/room.ts";
import { refuseText } from "../../../lib/model/text/text.ts";
import { phrasesOf, wordsOf } from "../../../lib/model/text/words.ts";
import { decodeFrames } from "../../../lib/model/wire/frame.ts";
import { plainText } from "../../../lib/model/wire/plain.ts";
import { hookMessage } from "../../../lib/model/wire/slack.ts";
import { HARD_TEXTS } from "../../support/hard-texts.ts";

setDefaultTimeout(60_000);

/** Everything that reads a text somebody sent, before or after its length is known. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  "mark-up": renderMarkup,
  "the check of a message": refuseText,
  "the words of a message": wordsOf,
  "the phrases of a search": phrasesOf,
  "a line of plain text": (text) => plainText({ id: "ada", name: "" }, text),
  "a mention": (text) => mentionParts(text, (name) => (name === "ada" ? name : undefined)),
  "a command": readTyped,
  "a command's argument": (text) => readTyped(`/kick ${text}`),
  "a webhook": (text) => hookMessage({ text, username: text }),
  "a frame": (text) => decodeFrames(JSON.stringify({ type: "send", id: text, text, ref: text })),
  "a broken frame": decodeFrames,
  "a person's name": personName,
  "a room's name": roomName,
  "a file's name": fileName,
  // Nothing longer than 512 units is asked for as a name, and each takes a look into a table.
  "how a name looks": (text) => skeletonKeys(text.slice(0, text.length / 16)),
  "a reserved name": (text) => isReserved(text.slice(0, text.length / 16)),
};

const SMALL = 3_000;
const FACTOR = 8;
/** Halfway, by factors, between linear (8) and quadratic (64). */
const MOST = 23;
/** Milliseconds below which no growth matters, and none can be told from noise. */
const NOTHING = 2;
const TRIES = 4;

/** The least of some runs: what the machine does besides can only add to it. */
function cost(read: (text: string) => unknown, text: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run += 1) {
    const started = performance.now();
    read(text);
    least = Math.min(least, performance.now() - started);
    if (least < NOTHING / 4) break;
  }
  return least;
}

/** How the cost grows where a text is made eight times as long; 0 where it stays next to nothing. */
function growth(read: (text: string) => unknown, small: string, large: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let tried = 0; tried < TRIES && least > MOST; tried += 1) {
    const whole = cost(read, large);
    least = Math.min(least, whole < NOTHING ? 0 : whole / cost(read, small));
  }
  return least;
}

describe("eight times as long a text costs about eight times as much", () => {
  for (const [name, read] of Object.entries(READERS)) {
    test(name, () => {
      const texts = HARD_TEXTS.map(([called, make]) => {
        return [called, growth(read, make(SMALL), make(FACTOR * SMALL))] as const;
      });
      expect(texts.filter(([, grown]) => grown > MOST)).toEqual([]);
    });
  }
});

test("the HTML of a message is at most four times its text and 4 KiB", () => {
  for (const [, make] of HARD_TEXTS) {
    const text = make(7_900);
    expect(renderMarkup(text)?.length ?? 0).toBeLessThanOrEqual(4 * text.length + 4_096);
  }
  const links = Array.from({ length: 40 }, (_, index) => `https://a.b/${index}`).join("\n");
  expect(renderMarkup(links)).toContain('href="https://a.b/39"');
});
