import { ROLES } from "../../model/people/role.ts";
import { ACTIONS } from "../../model/rooms/authorize.ts";
import { ROOM_KINDS, SLOW_LIMIT } from "../../model/rooms/rules.ts";
import { GIVEN_ROLES, VERBS } from "../../model/wire/moderation.ts";
import {
  choice,
  component,
  constant,
  flag,
  list,
  nullable,
  object,
  text,
  whole,
} from "./schema.ts";
import { AUTHOR, PERSON, SEQ } from "./wire.ts";

/** The schemas of moderation, for the frames of the same names. */

const AT = whole("Milliseconds since 1970.");

export const DONE = {
  200: {
    about: "It is done.",
    schema: component(
      "Done",
      object(
        { type: constant("done"), text: text("What happened, for people.") },
        { link: text("Of an invitation.") },
      ),
    ),
  },
};
const sanction = {
  what: choice("Kept out or kept quiet.", ["ban", "mute"]),
  everywhere: flag("In every room."),
  reason: text("Empty: none was given."),
  by: AUTHOR,
  at: AT,
  until: nullable(AT),
};
export const CARD = component(
  "PersonCard",
  object(
    {
      type: constant("person"),
      id: text("Theirs."),
      name: text("Empty for a guest without a name."),
      role: choice("In this room.", ROLES),
      isGuest: flag("They have no account."),
      isHere: flag("They are in the room."),
      may: list("What the caller may do to them now.", choice("A verb.", VERBS)),
    },
    {
      bot: constant(true),
      since: whole("When the name was claimed."),
      roles: list("Roles the caller may give them.", choice("A role.", GIVEN_ROLES)),
      everywhere: constant(true),
      sanctions: list("In force; for moderators.", object(sanction)),
      sharing: whole("Other guests at the same address; for moderators."),
    },
  ),
);
export const REPORTS = component(
  "Reports",
  object({
    type: constant("reports"),
    reports: list(
      "Newest first, at most 50.",
      component(
        "Report",
        object({
          id: whole("Of the report."),
          seq: SEQ,
          author: AUTHOR,
          text: text("The message as it was reported."),
          by: AUTHOR,
          reason: text("Why."),
          at: AT,
        }),
      ),
    ),
  }),
);
export const SETTABLE = {
  topic: text("Up to 250 characters; empty: none."),
  slow: whole("Seconds between two messages of one person.", 0, SLOW_LIMIT),
  readOnly: flag("Only moderators write."),
  locked: flag("Only moderators come in or stay."),
  archived: flag("Nobody writes any more."),
  listed: flag("The lobby shows it."),
  keepDays: whole("Days after which a message's text is erased; 0: never."),
  keepCount: whole("Messages whose text is kept; 0: all."),
};
export const RULES = component(
  "Rules",
  object(
    {
      type: constant("rules"),
      rules: object({
        kind: choice("Who comes in.", ROOM_KINDS),
        ...SETTABLE,
        pins: list("Pinned messages.", SEQ),
      }),
      may: list("What the caller may change.", choice("A right.", ACTIONS)),
    },
    {
      members: list("Who belongs to the room; for those who may invite.", PERSON),
      sanctions: list("For those who may ban.", object({ ...sanction, person: AUTHOR })),
    },
  ),
);
