import { expect, test } from "bun:test";
import { UnreadLimit, type UnreadReader } from "../../../lib/chat/limits/unread.ts";

const MIB = 1024 * 1024;

class Slow implements UnreadReader {
  unread = 0;
  isCut = false;

  constructor(readonly limit: UnreadLimit) {
    limit.add(this);
  }

  cutOff(): void {
    this.isCut = true;
    this.unread = 0;
    this.limit.delete(this);
  }

  send(bytes: number): void {
    this.unread += bytes;
    this.limit.sent(bytes);
  }
}

test("readers who leave 32 MiB unread together are cut off, those with most first", () => {
  const limit = new UnreadLimit();
  const [much, most] = [new Slow(limit), new Slow(limit)];
  const others = Array.from({ length: 48 }, () => new Slow(limit));
  much.send(0.7 * MIB);
  most.send(0.8 * MIB);
  for (const other of others) other.send(0.6 * MIB);
  expect([much.isCut, most.isCut]).toEqual([false, false]);
  most.send(2 * MIB);
  expect([much.isCut, most.isCut]).toEqual([true, true]);
  expect(others.filter(({ isCut }) => isCut).length).toBeLessThan(24);
  const left = others.reduce((sum, { unread }) => sum + unread, 0);
  expect(left).toBeLessThanOrEqual(32 * MIB);
});

test("a reader who reads is not cut off, however much it is sent", () => {
  const limit = new UnreadLimit();
  const quick = new Slow(limit);
  for (let parts = 0; parts < 1_000; parts += 1) {
    quick.send(MIB);
    quick.unread = 0;
  }
  expect(quick.isCut).toBe(false);
});

test("a crowd of whom each has a little unread stays", () => {
  const limit = new UnreadLimit();
  const crowd = Array.from({ length: 2_000 }, () => new Slow(limit));
  for (const one of crowd) one.send(30 * 1024);
  expect(crowd.some(({ isCut }) => isCut)).toBe(false);
});
