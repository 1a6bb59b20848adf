import type { Sender } from "./commit.ts";
import type { Post } from "./post.ts";
import type { Refusal } from "../../model/base/errors.ts";
import type { Access } from "../../model/rooms/authorize.ts";
import type { Author } from "../../model/people/person.ts";
import type { Appended, PostedDraft } from "../../model/store.ts";

/** Posts a change and waits for the result. Handlers' replies to the sender are dropped. */
export function postDraft(
  post: Post,
  draft: PostedDraft,
  access: Access,
  notice: (author: Author, text: string) => void = () => undefined,
): Promise<Appended | Refusal> {
  return new Promise((resolve) => {
    const sender: Sender = { access, settled: (_, result) => resolve(result), notice };
    post.post(draft, sender);
  });
}
