import type { Message } from "../../lib/model/wire/event.ts";
import type { ServerFrame, Welcome } from "../../lib/model/wire/frame.ts";
import type { Author, Person } from "../../lib/model/people/person.ts";
import { atLeast } from "../../lib/model/people/role.ts";
import { About } from "./panels/about.ts";
import { Actions } from "./log/actions.ts";
import { say, toast } from "./base/announce.ts";
import { Composer } from "./composer/composer.ts";
import { RoomActions } from "./room-actions.ts";
import { Connection, socketAddress, type State } from "./net/connection.ts";
import { byId, page } from "./base/dom.ts";
import { History } from "./log/history.ts";
import { listen } from "./keys.ts";
import { copyLink, openHash, showMessage } from "./log/links.ts";
import { keepRoom } from "./log/kept.ts";
import { LogView } from "./log/log.ts";
import { MessageViews } from "./log/message-views.ts";
import { Named } from "./log/named.ts";
import type { PeopleHooks } from "./people/hooks.ts";
import { PeopleSide } from "./people/lazy.ts";
import { plainText } from "./base/markup.ts";
import { preferences, remember } from "./base/memory.ts";
import { People } from "./panels/people.ts";
import { Reading } from "./panels/reading.ts";
import { Places } from "./net/places.ts";
import { PlaceLists } from "./panels/rooms.ts";
import { localTimes, messageRow } from "./log/row.ts";
import { lastWords, nameOf } from "./base/excerpts.ts";
import { followKeyboard, offerOffline } from "./base/shell.ts";
import { Status } from "./panels/status.ts";
import { Suggestions } from "./composer/suggest.ts";
import { localNotice, type LocalNotice, Timeline } from "./log/timeline.ts";
import { refused, t } from "./base/words.ts";

/** The room's page: passes frames to its parts, and their actions to the server. */
const { room } = page;
let me: Person = { id: page.me, name: byId("name", HTMLInputElement).value, role: "guest" };
let epoch = "";
let wasOpen = false;

const log = byId("log", HTMLOListElement);
const timeline = new Timeline();
const people = new People((person) => named.add(person));
const places: Places = new Places(room, (frame) => connection.send(frame), inboxChanged);
const list = new PlaceLists(places);
const address = () => socketAddress(room, epoch, timeline.head, places.since);
const onRetry = (at: number) => status.waits(at);
const connection: Connection = new Connection({ address, onState, onFrame, onRetry });
const status = new Status(() => connection.tryNow());
const reading = new Reading(
  people,
  (seq) => connection.send({ type: "read", seq }),
  () => void history.latest(),
);
const named = new Named(
  (frame) => connection.ask(frame),
  () => view.changed(),
);
const looks = new MessageViews(people, named, places.inbox, () => ({ me, history, side, doing }));
const view: LogView = new LogView(timeline, byId("scroller", HTMLDivElement), log, {
  row: (message, first) => messageRow({ ...looks.of(message), first }, me.id),
  look: (message) => looks.key(message),
  needOlder: () => void history.older(),
  needNewer: () => void history.newer(),
  onMove() {
    turned();
    about.draw();
  },
});
const about = new About(timeline, (seq) => history.one(seq));
const history: History = new History(connection, timeline, () => view);
const doing: RoomActions = new RoomActions(
  connection,
  timeline,
  () => view,
  () => ({ id: me.id, name: people.myName || me.name }),
  () => about.draw(),
);
const { outbox } = doing;
const composer: Composer = new Composer(
  room,
  {
    send(text, replyTo, files) {
      view.read = null;
      outbox.add(text, replyTo, files);
      void history.latest();
    },
    isOpen: () => connection.state === "open",
    edit: ({ seq }, text) => doing.change({ type: "edit", seq, text }),
    last: () => timeline.messages.findLast((message) => looks.isMine(message) && !message.deleted),
    onTyping: () => void connection.send({ type: "typing" }),
    onEscape: () => void history.latest(),
  },
  new Suggestions(
    byId("text", HTMLTextAreaElement),
    () => people.all,
    () => ({ role: me.role, kind: about.rules.kind, isNew: timeline.isEmpty }),
  ),
);
const hooks: PeopleHooks = {
  ask: (frame) => connection.ask(frame),
  me: () => me,
  about: () => about.rules,
  find: (seq) => doing.find(seq),
  mayDelete: (message) => looks.isMine(message) || atLeast(me.role, "moderator"),
  reply: (message) => composer.reply(message),
  edit: (message) => composer.edit(message),
  remove: ({ seq }) => doing.change({ type: "delete", seq }),
  react: (message, emoji) => doing.react(message, emoji),
  pick(message) {
    const row = view.element(message.seq) ?? composer.text;
    composer.picker.open(row, (emoji) => doing.react(message, emoji));
  },
  copyLink: ({ seq }) => void copyLink(seq),
  places,
  insert: (text) => composer.insert(text),
  show: (seq) => void showMessage(seq, history, view),
  changed: () => view.changed(),
};
const side = new PeopleSide(log, hooks);
const actions = new Actions(log, hooks, side);

function onFrame(frame: ServerFrame): void {
  switch (frame.type) {
    case "welcome":
      return welcome(frame);
    case "message":
    case "edited":
    case "deleted":
    case "reacted": {
      const isNew = frame.seq > timeline.head;
      // The server leaves no gap. Should there be one, everything since is requested again.
      if (!timeline.apply(frame)) return connection.open();
      if (frame.type === "message") arrived(frame, isNew);
      else if (looks.isMine(frame)) outbox.happened(frame);
      return view.changed();
    }
    case "presence": {
      const moves = people.moved(frame);
      if (preferences().showMoves) for (const words of moves) notice("moved", words);
      return;
    }
    case "typing":
      return people.types(frame.person);
    case "read":
      people.hasRead(frame.person, frame.seq);
      return turned();
    case "room":
      return about.show(frame, me.role);
    case "roles":
      me = people.keptBy(frame.roles, me);
      about.show(about.rules, me.role);
      return view.changed();
    case "reports":
      return side.reports(frame);
    case "inbox":
      return places.apply(frame);
    case "notice":
      if (frame.id !== undefined) outbox.arrived(frame.id);
      return notice("answer", frame.text, frame.author);
    case "error":
      if (frame.id === undefined) toast(refused(frame.code, frame.message));
      return outbox.refused(frame);
  }
}

function welcome(frame: Welcome): void {
  const isFirst = epoch === "";
  me = frame.you;
  composer.allow(frame.limits);
  if (!isFirst && frame.epoch !== epoch) reading.begin(frame.epoch, me.id, timeline);
  epoch = frame.epoch;
  byId("me", HTMLFormElement).hidden = me.name !== "";
  people.welcome(me, frame.people, frame.count);
  about.show(frame.about, me.role);
  connection.send({ type: "roles" });
  if (atLeast(me.role, "moderator")) connection.send({ type: "reports" });
  composer.suggestions.more = frame.commands ?? [];
  if (frame.recovered) {
    for (const event of frame.events ?? []) onFrame(event);
  } else {
    const messages = frame.messages ?? [];
    timeline.reset(messages, (messages[0]?.seq ?? 1) > 1, false);
    timeline.head = frame.seq;
    for (const message of messages) if (looks.isMine(message)) outbox.arrived(message.id);
  }
  if (isFirst) begin(frame.read);
  else view.draw();
  outbox.restart();
}

/** The first view: the message of the address, the end of reading, or the end of the room. */
function begin(read: number | undefined): void {
  const known = reading.begin(epoch, me.id, timeline, read);
  list.draw();
  if (read === undefined) places.stays();
  const hasUnread = known > 0 && known < (timeline.last?.seq ?? 0);
  if (hasUnread) view.read = known;
  view.draw();
  if (location.hash.length > 1) void openHash(history, view);
  else if (hasUnread) void history.show(known);
  else view.toEnd();
  composer.arrive();
}

function arrived(message: Message, isNew: boolean): void {
  if (looks.isMine(message)) outbox.arrived(message.id);
  people.stoppedTyping(message.author);
  if (!isNew) return;
  if (view.atEnd) view.shifted(-timeline.trim());
  remember(room, { last: lastWords(message) });
  if (looks.isMine(message) || places.inbox.isBlocked(message.author.id)) return;
  say(`${nameOf(message.author)}: ${plainText(message)}`);
  const isFirst = reading.arrived(message, view.atEnd, looks.callsMe(message));
  if (isFirst) view.read = message.seq - 1;
}

function inboxChanged(hasSettings: boolean): void {
  list.draw();
  side.inboxChanged();
  if (hasSettings) view.changed();
  reading.told(places.here?.read, timeline.last, places.calls);
}

function onState(state: State, code: number): void {
  status.become(state, code);
  if (state === "closed") people.left();
  if (wasOpen && state !== "open") notice("disconnected", t.disconnectedNotice);
  if (state === "open") notice("connected", t.connectedNotice);
  wasOpen = state === "open";
}

function notice(kind: LocalNotice["kind"], text: string, author?: Author): void {
  timeline.notice(localNotice(kind, text, author));
  say(text);
  view.changed();
}

const turned = () => reading.update(view.atEnd, timeline.last);
localTimes();
const toHash = () => openHash(history, view);
listen({ connection, composer, actions, toHash, turned, people, places });
followKeyboard();
offerOffline();
connection.open();
void outbox.restore();
keepRoom(connection, timeline, view);
