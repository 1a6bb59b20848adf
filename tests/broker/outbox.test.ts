import { expect, test } from "bun:test";
import type { Link, Payload } from "../../lib/broker/link.ts";
import { Outbox } from "../../lib/broker/outbox.ts";
import type { Control } from "../../lib/model/wire/control.ts";
import { decodeParcel } from "../../lib/model/wire/signal.ts";
import { until } from "./suite.ts";

/** A network that is away until it is mended; keeps what it was then given. */
function brokenLink(payloadLimit = 1_000_000) {
  const sent: Payload[] = [];
  const state = { isBroken: true, tries: 0 };
  const link: Link = {
    payloadLimit,
    listen: async () => undefined,
    unlisten: async () => undefined,
    close: async () => undefined,
    async send(payloads) {
      state.tries += 1;
      if (state.isBroken) throw new Error("away");
      sent.push(...payloads);
    },
  };
  const controls = (): Control[] =>
    sent.flatMap(({ text }) => {
      const signals = decodeParcel(text)?.signals ?? [];
      return signals.flatMap((signal) => (signal.kind === "control" ? [signal.control] : []));
    });
  return { link, state, controls };
}

const outboxOn = (link: Link) => new Outbox(link, "node", { log: () => undefined });
const recheck = (at: number): Control => ({ action: "recheck", subjects: [`person:${at}`] });

test("more controls than may wait become one that has everything looked at again", async () => {
  const { link, state, controls } = brokenLink();
  const outbox = outboxOn(link);
  for (let at = 0; at < 900; at += 1) outbox.add("room", { kind: "control", control: recheck(at) });
  await until(() => state.tries > 0, 2_000);
  const kick: Control = { action: "kick", person: "bob", reason: "spam", at: 1 };
  outbox.add("room", { kind: "control", control: kick });
  for (let at = 900; at < 3_000; at += 1) {
    outbox.add("room", { kind: "control", control: recheck(at) });
  }
  const late: Control = { action: "kick", person: "eve", reason: "spam", at: 1 };
  for (let times = 0; times < 5; times += 1) outbox.add("room", { kind: "control", control: late });
  state.isBroken = false;
  await until(() => controls().length > 0, 2_000);
  await outbox.close();
  expect(controls()).toEqual([kick, { action: "everything" }, late]);
});

test("controls have room of their own: typing does not take it", async () => {
  const { link, state, controls } = brokenLink();
  const outbox = outboxOn(link);
  const typing = { type: "typing", person: { id: "ada", name: "Ada" } } as const;
  for (let at = 0; at < 1_500; at += 1) outbox.add("room", { kind: "ephemeral", frame: typing });
  outbox.add("room", { kind: "control", control: recheck(1) });
  state.isBroken = false;
  await outbox.close();
  expect(controls()).toEqual([recheck(1)]);
});

test("a control that is too long for one payload is sent in several", async () => {
  const { link, state, controls } = brokenLink(400);
  state.isBroken = false;
  const outbox = outboxOn(link);
  const subjects = Array.from({ length: 40 }, (_, at) => `person:number-${at}`);
  outbox.add("room", { kind: "control", control: { action: "recheck", subjects } });
  await outbox.close();
  const told = controls().flatMap((control) =>
    control.action === "recheck" ? control.subjects : [],
  );
  expect(told).toEqual(subjects);
});
