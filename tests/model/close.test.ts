import { describe, expect, test } from "bun:test";
import { CLOSE, comesBack } from "../../lib/model/base/close.ts";

describe("close codes", () => {
  test("are the contract's", () => {
    expect(CLOSE).toEqual({
      goingAway: 4001,
      tooSlow: 4002,
      replaced: 4003,
      kicked: 4500,
      banned: 4501,
      notAllowed: 4502,
      roomClosed: 4503,
      badProtocol: 4504,
    });
  });

  test.each([
    [1000, true],
    [1001, true],
    [1006, true],
    [1009, true],
    [4000, true],
    [4001, true],
    [4499, true],
    [4500, false],
    [4503, false],
    [4999, false],
    [5000, true],
  ])("after %d a client comes back: %p", (code, back) => {
    expect(comesBack(code)).toBe(back);
  });
});
