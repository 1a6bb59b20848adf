import type { AuditEntry } from "../people/audit.ts";
import type { Author, Role } from "../people/person.ts";

/** A ban or mute, in one room or everywhere. */
export interface Sanction {
  readonly id: number;
  readonly what: "ban" | "mute";
  /** A room's name; empty: everywhere. */
  readonly room: string;
  /** As `personSubject` or `networkSubject` gives it. */
  readonly subject: string;
  /** The subject's name, for lists. */
  readonly name: string;
  readonly reason: string;
  readonly by: Author;
  /**
   * The role of its author at the time; nobody of a lower role lifts it. Null: an older version did
   * not record it.
   */
  readonly byRole: Role | null;
  readonly at: number;
  /** Null: until it is lifted. */
  readonly until: number | null;
  readonly liftedAt: number | null;
}
export type NewSanction = Omit<Sanction, "id" | "liftedAt" | "byRole"> & { readonly byRole: Role };

export function personSubject(id: string): string {
  return `person:${id}`;
}

export function isPersonal({ subject }: Pick<Sanction, "subject">): boolean {
  return subject.startsWith("person:");
}

/** `at` is a network, as `networkOf` gives it. */
export function networkSubject(at: string): string {
  return `place:${at}`;
}

/** The person or network that a subject names. */
export function parseSubject(subject: string): { kind: "person" | "network"; value: string } {
  const kind = isPersonal({ subject }) ? "person" : "network";
  return { kind, value: subject.slice(subject.indexOf(":") + 1) };
}

/**
 * The subjects that apply to a person. A network is shared, as in schools and offices, so it
 * applies only to guests.
 */
export function subjectsOf(person: { id: string; isGuest: boolean }, at: string): string[] {
  return person.isGuest
    ? [personSubject(person.id), networkSubject(at)]
    : [personSubject(person.id)];
}

export interface Sanctions {
  /** Sanctions of any of the subjects in force at `now`, in this room or everywhere. */
  inForce(subjects: readonly string[], room: string, now: number): Promise<readonly Sanction[]>;
  /** Imposes sanctions and writes the audit entry, in one transaction. */
  impose(sanctions: readonly NewSanction[], entry: AuditEntry): Promise<void>;
  /** Lifts those of `ids` that are in force, and resolves to them. */
  lift(ids: readonly number[], entry: AuditEntry): Promise<readonly Sanction[]>;
  /**
   * Sanctions in force, newest first; `room` null: of all rooms. `query` is a substring of the name
   * or subject.
   */
  list(ask: SanctionQuery): Promise<readonly Sanction[]>;
  /** How often the chat itself has muted a subject since `since`. */
  timesMuted(subject: string, since: number): Promise<number>;
}

export interface SanctionQuery {
  readonly room: string | null;
  readonly what: "ban" | "mute" | null;
  readonly query: string;
  readonly now: number;
  readonly offset: number;
  readonly limit: number;
}
