import { callsIn, mentionParts, type Part } from "../../../lib/model/people/mention.ts";
import type { ClientFrame, ServerFrame } from "../../../lib/model/wire/frame.ts";
import type { Author } from "../../../lib/model/people/person.ts";

/** Mentions that are drawn at the same time are asked for together. */
const PAUSE_MS = 50;
const MOST_NAMES = 100;

/** Who bears which name in this room, as far as the page knows; the server knows the others. */
export class Named {
  /** Grows when the server has told of more. */
  version = 0;
  readonly #known = new Map<string, Author>();
  readonly #asked = new Set<string>();
  #wanted: string[] = [];

  constructor(
    readonly ask: (frame: ClientFrame) => Promise<ServerFrame | null>,
    readonly changed: () => void,
  ) {}

  /** They bear their name now; where `isPast`, they bore it when nobody else is known to. */
  add(person: Author, isPast = false): void {
    const name = person.name.toLowerCase();
    if (!(isPast && this.#known.has(name))) this.#known.set(name, person);
  }

  /** A text in parts, those that mention someone by themselves. */
  parts(text: string): readonly Part<Author>[] {
    return mentionParts(text, (name) => this.#known.get(name));
  }

  /** Asks for those who may be mentioned in a text and are not known: also by longer names. */
  want(text: string): void {
    const unknown = callsIn(text).flatMap((call) => {
      const names = call.names.map((name) => name.toLowerCase());
      const known = names.findIndex((name) => this.#known.has(name));
      return (known < 0 ? names : names.slice(0, known)).filter((name) => !this.#asked.has(name));
    });
    if (unknown.length === 0) return;
    for (const name of unknown) this.#asked.add(name);
    if (this.#wanted.length === 0) setTimeout(() => void this.#read(), PAUSE_MS);
    this.#wanted.push(...unknown);
  }

  async #read(): Promise<void> {
    const names = this.#wanted.splice(0, MOST_NAMES);
    const answer = await this.ask({ type: "called", names });
    if (this.#wanted.length > 0) void this.#read();
    if (answer?.type !== "called" || answer.people.length === 0) return;
    for (const person of answer.people) this.add(person, true);
    this.version += 1;
    this.changed();
  }
}
