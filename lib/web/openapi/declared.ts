import type { Scope } from "../../model/people/grant.ts";
import type { JsonSchema, Schema, Shape } from "./schema.ts";

export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof METHODS)[number];

/** The sections of the API's documentation. */
export const TAGS = {
  Messages: "Messages of a room, and its events as a stream.",
  Rooms: "Rooms, the people in them, and ways in.",
  Moderation: "People, reports, pins and rules.",
  Files: "Uploads.",
  Inbox: "Followed rooms, read positions, mentions, and private talks.",
  Identity: "The caller, and tokens of bots.",
} as const;
export type Tag = keyof typeof TAGS;

/** A successful response of an operation. */
export interface Answer {
  readonly about: string;
  /** Null: it has no body. */
  readonly schema: Schema<unknown> | null;
  /** The media type, if not JSON. */
  readonly type?: string;
}

/** The published description of an operation. */
export interface Declared {
  readonly id: string;
  readonly method: Method;
  /** Below `/api`; segments that begin with a colon are parameters. */
  readonly path: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly about: string;
  /** The scope a token needs; null: any token. */
  readonly scope: Scope | null;
  /** Whether a cookie or a token is required. */
  readonly isPersonal: boolean;
  readonly params: Shape;
  readonly query: Shape;
  /** Request headers that the operation reads itself. */
  readonly headers: Shape;
  readonly body: Schema<unknown> | null;
  /** The media types of a body that is not JSON. */
  readonly rawBody: Readonly<Record<string, JsonSchema>> | null;
  /** By status, without refusals. */
  readonly answers: Readonly<Record<number, Answer>>;
}
