import { describe, expect, test } from "bun:test";
import { join as joinPath } from "node:path";
import { Refusal } from "../../../lib/model/base/errors.ts";
import { said } from "../../../lib/web/http/translate.ts";

const ROOT = joinPath(import.meta.dir, "../..");
/** What only a program can do wrong; or a text that is made elsewhere. */
const FOR_PROGRAMS =
  /^(?:`|The (?:only subprotocol|body must)|This address is a WebSocket|A frame must|Ask for|A search goes|No such file|There is no such hook|\$\{)/;

/** Every text a refusal of the program is made with, where it is written at the place. */
async function texts(): Promise<string[]> {
  const found: string[] = [];
  for await (const file of new Bun.Glob("lib/{model,chat,store,web}/*.ts").scan(ROOT)) {
    const source = await Bun.file(joinPath(ROOT, file)).text();
    const made = source.matchAll(/new Refusal\(\s*"\w+",\s*(?:"([^"]+)"|`((?:[^`\\]|\\.)+)`)/g);
    for (const [, plain, template] of made) found.push(plain ?? template ?? "");
  }
  return found;
}

describe("why the chat says no", () => {
  test("has Chinese words, whatever it is", async () => {
    const all = await texts();
    expect(all.length).toBeGreaterThan(80);
    const english = all
      .filter((text) => !FOR_PROGRAMS.test(text.replaceAll("\\", "")))
      .map((text) => text.replaceAll(/\$\{[^}]+\}/g, "7"))
      .filter((message) => said({ message }, "zh") === message);
    expect(english).toEqual([]);
  });

  test("keeps what stands in it, and a reason someone wrote", () => {
    const banned = new Refusal("not_allowed", "You are banned here. Be {kind} next time.");
    expect(said(banned, "zh")).toBe("你被这里封禁了。 Be {kind} next time.");
    expect(said(new Refusal("too_long", "A name has at most 32 characters."), "zh")).toContain(
      "32",
    );
  });

  test("is English where nobody asks for another language, and where a handler says it", () => {
    expect(said({ message: "That is you." }, "en")).toBe("That is you.");
    expect(said({ message: "That is you." }, "fr")).toBe("That is you.");
    expect(said({ message: "No politics." }, "zh")).toBe("No politics.");
  });
});
