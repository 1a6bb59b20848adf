import { hueOf, initialsOf } from "../../../lib/model/wire/appearance.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import type { Author, Person, Role } from "../../../lib/model/people/person.ts";
import { atLeast } from "../../../lib/model/people/role.ts";
import { applyPresence, type PresenceChange } from "../../../lib/model/wire/presence.ts";
import { byId, h } from "../base/dom.ts";
import { botBadge, nameOf, roleMark } from "../base/excerpts.ts";
import { counted, t } from "../base/words.ts";

/** A typing indicator ends after this time unless repeated. */
const TYPING_MS = 6_000;

function moves(
  { joined = [], left = [] }: Partial<PresenceChange>,
  before: ReadonlyMap<string, Author>,
): string[] {
  const fresh = joined.filter(({ id, name }) => before.get(id)?.name !== name);
  const came = fresh.map((person) => fill(t.joined, { name: nameOf(person) }));
  return [...came, ...left.map((person) => fill(t.wentOut, { name: nameOf(person) }))];
}

function typingWords([name, other, third]: readonly string[]): string {
  if (name === undefined) return "";
  if (other === undefined) return fill(t.typing, { name });
  return third === undefined ? fill(t.typingTwo, { name, other }) : t.typingMany;
}

/** The people here, who is typing, and how far they have read. */
export class People {
  #here: ReadonlyMap<string, Author> = new Map();
  #count = 0;
  #roles: Readonly<Record<string, Role>> = {};
  readonly #typing = new Map<string, { person: Author; timer: number }>();
  readonly #read = new Map<string, { person: Author; seq: number }>();
  #me = "";
  readonly #panel = byId("people", HTMLElement);
  readonly #opener = byId("show-people", HTMLButtonElement);

  constructor(
    /** Called with everyone who comes in, or is here. */
    readonly onPerson: (person: Author) => void,
  ) {
    const wide = matchMedia("(min-width: 72rem)");
    this.toggle(wide.matches);
    wide.addEventListener("change", () => this.toggle(wide.matches));
    // As an overlay it closes when these are pressed.
    document.addEventListener("pointerdown", ({ target }) => {
      if (wide.matches || !(target instanceof Element)) return;
      if (!target.closest("#people, #show-people")) this.toggle(false);
    });
    this.#opener.addEventListener("click", () => this.toggle(this.#panel.hidden !== false));
  }

  /** A person's role here, if above member. */
  roleOf(id: string): Role | undefined {
    return this.#roles[id];
  }

  /** Applies the room's roles; returns `me` with theirs. */
  keptBy(roles: Readonly<Record<string, Role>>, me: Person): Person {
    this.#roles = roles;
    this.#draw();
    const least = atLeast(me.role, "moderator") ? "member" : me.role;
    return { ...me, role: roles[me.id] ?? least };
  }

  get all(): readonly Author[] {
    return [...this.#here.values()];
  }

  /** The name in the room, which a command may have changed. */
  get myName(): string {
    return this.#here.get(this.#me)?.name ?? "";
  }

  toggle(open: boolean): void {
    this.#panel.hidden = !open;
    this.#opener.ariaExpanded = String(open);
  }

  welcome(me: Author, people: readonly Author[], count: number): void {
    this.#me = me.id;
    this.#here = applyPresence(new Map(), { joined: [...people, me] });
    for (const person of this.all) this.onPerson(person);
    this.#count = count;
    for (const id of this.#typing.keys()) this.#stopTyping(id);
    this.#draw();
  }

  /** The page left the room; what it knew of others is void. */
  left(): void {
    this.#here = new Map();
    this.#count = 0;
    for (const id of this.#typing.keys()) this.#stopTyping(id);
    this.#draw();
  }

  /** Applies a change of presence; returns a line about it. */
  moved(change: Partial<PresenceChange> & { readonly count: number }): string[] {
    const before = this.#here;
    this.#here = applyPresence(this.#here, change);
    for (const person of change.joined ?? []) this.onPerson(person);
    this.#count = change.count;
    for (const gone of change.left ?? []) this.#stopTyping(gone.id);
    this.#draw();
    return moves(change, before);
  }

  types(person: Author): void {
    if (person.id === this.#me) return;
    clearTimeout(this.#typing.get(person.id)?.timer);
    const timer = window.setTimeout(() => this.#stopTyping(person.id), TYPING_MS);
    this.#typing.set(person.id, { person, timer });
    this.#drawTyping();
  }

  /** They have posted, and so stopped typing. */
  stoppedTyping(author: Author): void {
    this.#stopTyping(author.id);
  }

  hasRead(person: Author, seq: number): void {
    if (person.id === this.#me) return;
    const known = this.#read.get(person.id)?.seq ?? 0;
    if (seq > known) this.#read.set(person.id, { person, seq });
  }

  /** The names of people who have read up to `seq`, without its author. */
  readers(seq: number, author: string): readonly string[] {
    const read = [...this.#read.values()].filter((each) => each.seq >= seq);
    return read.filter(({ person }) => person.id !== author).map(({ person }) => nameOf(person));
  }

  #stopTyping(id: string): void {
    const known = this.#typing.get(id);
    if (!known) return;
    clearTimeout(known.timer);
    this.#typing.delete(id);
    this.#drawTyping();
  }

  #drawTyping(): void {
    const names = [...this.#typing.values()].map(({ person }) => nameOf(person));
    byId("typing", HTMLParagraphElement).textContent = typingWords(names);
  }

  /** Draws the reader in the corner of the page. */
  #drawMe(): void {
    const me = this.#here.get(this.#me);
    if (!me) return;
    byId("my-name", HTMLElement).textContent = nameOf(me);
    const avatar = document.querySelector(".self .avatar");
    if (avatar) avatar.textContent = initialsOf(me.name);
  }

  #draw(): void {
    this.#drawMe();
    byId("count", HTMLElement).textContent = String(this.#count);
    this.#opener.title = counted(t.peopleHere, this.#count);
    const list = this.#panel.querySelector("ul");
    const heading = this.#panel.querySelector("h2");
    if (heading) heading.textContent = counted(t.peopleHere, this.#count);
    const rows = this.all.map((person) => {
      const hue = { "data-hue": hueOf(person.id) };
      const you = person.id === this.#me ? h("small", {}, ` ${t.you}`) : null;
      const avatar = h(
        "span",
        { class: "avatar", "aria-hidden": "true", ...hue },
        initialsOf(person.name),
      );
      const name = h("bdi", {}, nameOf(person));
      const mark = person.bot ? botBadge() : roleMark(this.roleOf(person.id));
      const row = h("button", { type: "button" }, avatar, name, mark, you);
      return h("li", { "data-person": person.id }, row);
    });
    list?.replaceChildren(
      ...(this.#count > rows.length ? [...rows, h("li", {}, t.manyHere)] : rows),
    );
  }
}
