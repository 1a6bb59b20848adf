import type { AuditEntry } from "../people/audit.ts";
import type { Author, Role } from "../people/person.ts";

/** Someone kept out or kept quiet, in one room or everywhere. */
export interface Sanction {
  readonly id: number;
  readonly what: "ban" | "mute";
  /** A room's name; empty: everywhere. */
  readonly room: string;
  /** As `personSubject` or `placeSubject` gives it. */
  readonly subject: string;
  /** What the subject is called, for those who read the list. */
  readonly name: string;
  readonly reason: string;
  readonly by: Author;
  /** What they were then: nobody below it lifts it. Null: an older version did not note it. */
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

/** `at` as `place` gives it: an IPv4 address (/32) or an IPv6 network of 64 bits. */
export function networkSubject(at: string): string {
  return `place:${at}`;
}

/** Whom or what a subject names. */
export function parseSubject(subject: string): { kind: "person" | "network"; value: string } {
  const kind = isPersonal({ subject }) ? "person" : "network";
  return { kind, value: subject.slice(subject.indexOf(":") + 1) };
}

/**
 * Under which subjects someone is found. An address is shared by a school or an office, so it only
 * stands for guests; who has signed in answers for themselves.
 */
export function subjectsOf(person: { id: string; isGuest: boolean }, at: string): string[] {
  return person.isGuest
    ? [personSubject(person.id), networkSubject(at)]
    : [personSubject(person.id)];
}

export interface Sanctions {
  /** Those in force at `now` on any of the subjects, here or everywhere. */
  inForce(subjects: readonly string[], room: string, now: number): Promise<readonly Sanction[]>;
  /** Written together with its entry in the audit log. */
  impose(sanctions: readonly NewSanction[], entry: AuditEntry): Promise<void>;
  /** Lifts those of `ids` that are in force; resolves to them. */
  lift(ids: readonly number[], entry: AuditEntry): Promise<readonly Sanction[]>;
  /** In force, newest first; `room` null: of all rooms. `query` is a part of the name or subject. */
  list(ask: SanctionQuery): Promise<readonly Sanction[]>;
  /** How often a subject was kept quiet by the chat itself since `since`. */
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
