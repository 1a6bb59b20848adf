/**
 * What every node must do about its open sockets when a right was given or taken away. It carries no
 * right itself: the database holds those, and whoever hears this reads them there again.
 */
export type Control =
  /** Close the sockets of a person with 4500; ordered at `at`, in ms since 1970. They may come back. */
  | {
      readonly action: "kick";
      readonly person: string;
      readonly reason: string;
      readonly at: number;
    }
  /** What is known of these has changed: subjects as `subjectsOf` writes them. */
  | { readonly action: "recheck"; readonly subjects: readonly string[] }
  /** The room's rules have changed, and not who belongs to it. */
  | { readonly action: "rules" }
  /** More has changed than could be told one by one: rights, rules, sessions and settings. */
  | { readonly action: "everything" }
  /** The open reports of the room are others now, or who looks after it. No right changes by it. */
  | { readonly action: "reports" | "roles" }
  /** The settings that can change while it runs have. */
  | { readonly action: "settings" }
  /** A name has an owner now; sockets of others whose names look like it come back without. */
  | { readonly action: "name"; readonly name: string; readonly owner: string }
  /** Someone called `name` wants to talk to a person alone, in a room of their own. */
  | {
      readonly action: "talk";
      readonly person: string;
      readonly name: string;
      readonly room: string;
    };

/** Where a control goes that is not about one room: no room can have this name. */
export const EVERYWHERE = "*";

const MOST_SUBJECTS = 100;

/** The control another node sent, or null where it is none. */
export function decodeControl(value: unknown): Control | null {
  if (typeof value !== "object" || value === null) return null;
  const fields: Record<string, unknown> = { ...value };
  const { action, person, reason, at, subjects, name, owner, room } = fields;
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
      return typeof person === "string" && typeof name === "string" && typeof room === "string"
        ? { action, person, name, room }
        : null;
    default:
      return null;
  }
}
