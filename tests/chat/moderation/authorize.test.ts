import { describe, expect, test } from "bun:test";
import { CLOSE } from "../../../lib/model/base/close.ts";
import { Refusal } from "../../../lib/model/base/errors.ts";
import {
  type Action,
  ACTIONS,
  refuseEntry,
  authorize,
  type Access,
} from "../../../lib/model/rooms/authorize.ts";
import type { Role } from "../../../lib/model/people/person.ts";
import { ROLES, roleIn } from "../../../lib/model/people/role.ts";
import {
  OPEN_ROOM,
  ROOM_KINDS,
  type RoomKind,
  type RoomRules,
} from "../../../lib/model/rooms/rules.ts";

const NOW = 1_000_000;

function access(role: Role, rules: Partial<RoomRules> = {}, more: Partial<Access> = {}) {
  const nothing = {
    account: null,
    isSignedOut: false,
    bannedUntil: 0,
    mutedUntil: 0,
    reason: "",
    network: "192.0.2.1",
  };
  return { role, admitted: true, ...nothing, rules: { ...OPEN_ROOM, ...rules }, ...more };
}

/** y: may, -: may not. One letter for each of guest, member, moderator, owner, admin. */
const INSIDE: Readonly<Record<Action, string>> = {
  enter: "yyyyy",
  report: "yyyyy",
  delete: "yyyyy",
  post: "yyyyy",
  edit: "yyyyy",
  react: "yyyyy",
  invite: "--yyy",
  topic: "--yyy",
  pin: "--yyy",
  "delete-any": "--yyy",
  kick: "--yyy",
  mute: "--yyy",
  ban: "--yyy",
  lock: "--yyy",
  settle: "--yyy",
  own: "---yy",
};

/** The same for who was not let in: in an open room as above, elsewhere only by their role. */
const OUTSIDE: Readonly<Record<RoomKind, (inside: string) => string>> = {
  open: (inside) => inside,
  password: (inside) => `--${inside.slice(2)}`,
  members: (inside) => `--${inside.slice(2)}`,
  direct: () => "-----",
};

const cells = ROOM_KINDS.flatMap((kind) =>
  ACTIONS.flatMap((action) =>
    ROLES.map((role, at) => {
      return { kind, action, role, inside: INSIDE[action][at] === "y", at };
    }),
  ),
);

describe("may", () => {
  test.each(cells)("$role, $action, $kind room", ({ kind, action, role, inside, at }) => {
    const outside = OUTSIDE[kind](INSIDE[action])[at] === "y";
    const answer = (admitted: boolean) =>
      authorize(access(role, { kind }, { admitted }), action, NOW);
    expect(answer(true) === null).toBe(inside);
    expect(answer(false) === null).toBe(outside);
    for (const refusal of [answer(true), answer(false)]) {
      if (refusal) expect(refusal.code).toBe("not_allowed");
    }
  });

  test.each(ACTIONS)("a ban refuses %s to everyone but an administrator", (action) => {
    for (const role of ROLES) {
      const banned = access(role, {}, { bannedUntil: Number.POSITIVE_INFINITY });
      if (role === "admin") expect(authorize(banned, action, NOW)).toBeNull();
      else expect(authorize(banned, action, NOW)).toBeInstanceOf(Refusal);
    }
  });

  test("a ban and a mute end by themselves", () => {
    const until = { bannedUntil: NOW + 1, mutedUntil: NOW + 1 };
    expect(authorize(access("guest", {}, until), "post", NOW)).not.toBeNull();
    expect(authorize(access("guest", {}, until), "post", NOW + 1)).toBeNull();
  });

  test("a mute refuses to write, says how long, and leaves the rest", () => {
    const muted = access("member", {}, { mutedUntil: NOW + 5_000, reason: "Calm down." });
    for (const action of ["post", "edit", "react"] as const) {
      const refusal = authorize(muted, action, NOW);
      expect(refusal).toMatchObject({ code: "muted", retryAfterMs: 5_000 });
      expect(refusal?.params).toEqual({ why: "Calm down." });
    }
    expect(authorize(muted, "enter", NOW)).toBeNull();
    expect(authorize(muted, "report", NOW)).toBeNull();
    const forGood = { mutedUntil: Number.POSITIVE_INFINITY };
    expect(authorize(access("guest", {}, forGood), "post", NOW)?.retryAfterMs).toBeUndefined();
  });

  test.each([
    ["readOnly", { readOnly: true }, "--yyy"],
    ["archived", { archived: true }, "-----"],
    ["locked", { locked: true }, "--yyy"],
  ] as const)("%s: who may still write", (_, rules, who) => {
    const may_ = ROLES.map((role) => (authorize(access(role, rules), "post", NOW) ? "-" : "y"));
    expect(may_.join("")).toBe(who);
  });

  test.each(["kick", "mute", "ban", "delete-any"] as const)(
    "nobody does %s to their own rank or above",
    (action) => {
      for (const [at, role] of ROLES.entries()) {
        for (const [other, target] of ROLES.entries()) {
          const allowed = at >= 2 && other < at;
          expect(authorize(access(role), action, NOW, target) === null).toBe(allowed);
        }
      }
    },
  );
});

describe("the door", () => {
  test.each([
    ["banned", {}, { bannedUntil: NOW + 1 }, CLOSE.banned],
    ["locked", { locked: true }, {}, CLOSE.roomClosed],
    ["not invited", { kind: "members" }, { admitted: false }, CLOSE.notAllowed],
    ["no password", { kind: "password" }, { admitted: false }, CLOSE.notAllowed],
    ["between two others", { kind: "direct" }, { admitted: false }, CLOSE.notAllowed],
  ] as const)("%s is closed with its code", (_, rules, more, code) => {
    expect(refuseEntry(access("guest", rules, more), NOW)?.close).toBe(code);
  });
});

describe("a role in a room", () => {
  test.each([
    ["open", "guest", null, "guest"],
    ["open", "member", "owner", "owner"],
    ["open", "admin", "member", "admin"],
    ["open", "moderator", null, "moderator"],
    ["members", "moderator", null, "member"],
    ["members", "admin", null, "admin"],
    ["direct", "admin", null, "guest"],
    ["direct", "admin", "guest", "guest"],
  ] as const)("%s room, %s everywhere, %s there: %s", (kind, everywhere, here, expected) => {
    expect(roleIn(kind, everywhere, here)).toBe(expected);
  });
});
