import type { Author } from "../../../lib/model/people/person.ts";
import { talkPath } from "../../../lib/model/rooms/rules.ts";
import { toast } from "../base/announce.ts";
import { below } from "../base/dom.ts";
import { refused, t } from "../base/words.ts";
import type { Connection } from "../net/connection.ts";

/** Opens the private talk with someone, beginning it if necessary. */
export async function talkTo(person: Author, connection: Connection): Promise<void> {
  const answer = await connection.ask({ type: "talk", people: [person.id] });
  if (answer?.type === "error") return toast(refused(answer.code, answer.message));
  if (answer?.type !== "talk") return toast(t.lost);
  location.href = below(talkPath(answer.people)).href;
}
