import { expect, test } from "bun:test";
import {
  hashPassword,
  refusePassword,
  verifyPassword,
} from "../../../lib/chat/accounts/secrets.ts";

test("a password that NFKC makes eighteen times as long is right again later", async () => {
  const password = "ﷺ".repeat(50);
  expect(refusePassword(password)).toBeNull();
  expect(await verifyPassword(password, await hashPassword(password))).toBe(true);
});

test("what is too long to be a password is wrong, and is not normalized", async () => {
  const hash = await hashPassword("correct horse");
  // Normalizing this takes about an hour.
  expect(await verifyPassword("\u0315\u0300".repeat(2_000_000), hash)).toBe(false);
});
