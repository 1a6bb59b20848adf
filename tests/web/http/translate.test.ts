import { describe, expect, test } from "bun:test";
import { Refusal } from "../../../lib/model/base/errors.ts";
import { translate } from "../../../lib/web/http/translate.ts";

describe("why the chat says no", () => {
  test("is said in the reader's language, with what it is about", () => {
    const refusal = new Refusal("nameTooLong", { count: 32 });
    expect(translate(refusal, "en")).toBe("A name has at most 32 characters.");
    expect(translate(refusal, "zh")).toBe("名字最多 32 个字符。");
  });

  test("keeps what someone wrote as it is", () => {
    const banned = new Refusal("bannedWhy", { why: "Be {kind} next time." });
    expect(translate(banned, "zh")).toBe("你被这里封禁了。Be {kind} next time.");
    expect(translate(new Refusal("handlerReason", { text: "No politics." }), "zh")).toBe(
      "No politics.",
    );
  });

  test("is English in a language that the program does not have", () => {
    expect(translate(new Refusal("yourself"), "fr")).toBe("That is you.");
  });
});
