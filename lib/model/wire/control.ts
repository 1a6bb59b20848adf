/**
 * What every node must do about its open sockets when a right changes. It carries no right: whoever
 * receives it reads the rights from the database.
 */
export type Control =
  /**
   * Close the person's sockets with 4500; ordered at `at`, in ms since 1970. They may reconnect.
   */
  | {
      readonly action: "kick";
      readonly person: string;
      readonly reason: string;
      readonly at: number;
    }
  /** Rights of these subjects have changed; as `subjectsOf` writes them. */
  | { readonly action: "recheck"; readonly subjects: readonly string[] }
  /** The room's rules have changed, but not its members. */
  | { readonly action: "rules" }
  /** Rights, rules, sessions and settings may all have changed. */
  | { readonly action: "everything" }
  /** The room's open reports, or its roles, have changed. No right depends on it. */
  | { readonly action: "reports" | "roles" }
  /** The run-time settings have changed. */
  | { readonly action: "settings" }
  /**
   * A name has an owner now; other people's sockets whose names look like it reconnect without one.
   */
  | { readonly action: "name"; readonly name: string; readonly owner: string }
  /** Someone (id `from`, called `name`) wants to talk to a person in private. */
  | {
      readonly action: "talk";
      readonly person: string;
      readonly from: string;
      readonly name: string;
    };

/** The room of controls that concern every room; not a valid room name. */
export const EVERYWHERE = "*";

const MOST_SUBJECTS = 100;

/** Decodes a control from another node; null if it is invalid. */
export function decodeControl(value: unknown): Control | null {
  if (typeof value !== "object" || value === null) return null;
  const fields: Record<string, unknown> = { ...value };
  const { action, person, reason, at, subjects, name, owner, from } = fields;
  switch (action) {
    case "kick":
      return typeof person === "string" && typeof reason === "string"
        ? { action, person, reason, at: typeof at === "number" ? at : 0 }
        : null;
    case "recheck":
      return Array.isArray(subjects) &&
        subjects.length <= MOST_SUBJECTS &&
        subjects.every((subject): subject is string => typeof subject === "string")
        ? { action, subjects }
        : null;
    case "rules":
    case "everything":
    case "settings":
    case "reports":
    case "roles":
      return { action };
    case "name":
      return typeof name === "string" && typeof owner === "string" ? { action, name, owner } : null;
    case "talk":
      return typeof person === "string" && typeof name === "string" && typeof from === "string"
        ? { action, person, from, name }
        : null;
    default:
      return null;
  }
}
