import type { ErrorCode } from "../../../lib/model/base/errors.ts";
import { type FileInfo, MOST_FILES, sizeText } from "../../../lib/model/files/file.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import { below, button, byId, h, page } from "../base/dom.ts";
import { refused, t } from "../base/words.ts";

export interface AttachmentHooks {
  /** Bytes of a file at the most. */
  readonly limit: () => number;
  readonly say: (words: string) => void;
  readonly onChange: () => void;
}

/** One file on its way, or there. */
interface Attached {
  readonly file: File;
  readonly row: HTMLLIElement;
  readonly bar: HTMLProgressElement;
  readonly about: HTMLElement;
  readonly again: HTMLButtonElement;
  state: "waiting" | "sending" | "here" | "failed";
  info: FileInfo | null;
  request: XMLHttpRequest | null;
}

/** Uploads at the same time. */
const AT_ONCE = 3;

/** The files that are to go with the next message: each is uploaded as soon as it is chosen. */
export class Attachments {
  #list: Attached[] = [];
  readonly #rows = byId("attached", HTMLUListElement);

  constructor(readonly hooks: AttachmentHooks) {}

  /** Those that are on the server, in the order in which they were chosen. */
  get ready(): readonly FileInfo[] {
    return this.#list.flatMap(({ info }) => info ?? []);
  }

  get isBusy(): boolean {
    return this.#list.some(({ state }) => state === "waiting" || state === "sending");
  }

  get hasFailed(): boolean {
    return this.#list.some(({ state }) => state === "failed");
  }

  add(files: Iterable<File>): void {
    const limit = this.hooks.limit();
    for (const file of files) {
      if (this.#list.length >= MOST_FILES) {
        this.hooks.say(fill(t.tooManyFiles, { count: MOST_FILES }));
        break;
      }
      if (file.size > limit) {
        const size = sizeText(limit, page.language);
        this.hooks.say(fill(t.fileTooLarge, { name: file.name, size }));
      } else this.#list.push(this.#row(file));
    }
    this.#changed();
  }

  /** They were sent. */
  clear(): void {
    for (const each of this.#list) forgetPicture(each.row);
    this.#list = [];
    this.#changed();
  }

  #row(file: File): Attached {
    const bar = h("progress", { max: 1, value: 0, "aria-label": file.name });
    const about = h("small", {}, sizeText(file.size, page.language));
    const again = h("button", { type: "button", class: "quiet", hidden: true }, t.tryAgain);
    const remove = button(fill(t.removeFile, { name: file.name }), "close", () => {
      attached.request?.abort();
      forgetPicture(attached.row);
      this.#list = this.#list.filter((each) => each !== attached);
      this.#changed();
      byId("text", HTMLTextAreaElement).focus();
    });
    const isPicture = /^image\/(?:png|jpeg|gif|webp)$/.test(file.type);
    const picture = isPicture ? h("img", { src: URL.createObjectURL(file), alt: "" }) : null;
    const words = h("span", {}, h("bdi", {}, file.name), about, bar, again);
    const row = h("li", {}, picture, words, remove);
    const attached: Attached = {
      ...{ file, row, bar, about, again },
      ...{ state: "waiting", info: null, request: null },
    };
    again.addEventListener("click", () => {
      attached.state = "waiting";
      about.removeAttribute("role");
      about.textContent = sizeText(file.size, page.language);
      this.#changed();
    });
    return attached;
  }

  #changed(): void {
    let sending = this.#list.filter(({ state }) => state === "sending").length;
    for (const each of this.#list) {
      if (each.state !== "waiting" || sending >= AT_ONCE) continue;
      sending += 1;
      this.#send(each);
    }
    for (const { row, state, bar, again } of this.#list) {
      row.dataset["state"] = state;
      bar.hidden = state !== "sending" && state !== "waiting";
      again.hidden = state !== "failed";
    }
    // Not drawn again: the focus stays where it is.
    for (const row of [...this.#rows.children]) {
      if (!this.#list.some((each) => each.row === row)) row.remove();
    }
    this.#rows.append(
      ...this.#list.map(({ row }) => row).filter((row) => row.parentNode !== this.#rows),
    );
    this.#rows.hidden = this.#list.length === 0;
    this.hooks.onChange();
  }

  /** `fetch` does not say how far an upload has come. */
  #send(attached: Attached): void {
    const { file, bar } = attached;
    const request = new XMLHttpRequest();
    const address = below(`api/v1/rooms/${encodeURIComponent(page.room)}/files`);
    address.searchParams.set("name", file.name);
    request.open("POST", address);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => (bar.value = total > 0 ? loaded / total : 0);
    request.onload = () => {
      const answer: unknown = request.response;
      if (request.status === 201 && isInfo(answer)) {
        attached.info = answer;
        attached.state = "here";
        this.#changed();
      } else this.#fail(attached, whyNot(answer));
    };
    request.onerror = () => this.#fail(attached, t.uploadLost);
    attached.request = request;
    attached.state = "sending";
    request.send(file);
  }

  #fail(attached: Attached, why: string): void {
    attached.state = "failed";
    attached.about.textContent = why;
    attached.about.setAttribute("role", "alert");
    this.#changed();
  }
}

function forgetPicture(row: HTMLElement): void {
  const picture = row.querySelector("img");
  if (picture) URL.revokeObjectURL(picture.src);
}

function isInfo(answer: unknown): answer is FileInfo {
  return typeof answer === "object" && answer !== null && "id" in answer && "name" in answer;
}

interface No {
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

function whyNot(answer: unknown): string {
  const isNo = (value: unknown): value is No =>
    typeof value === "object" && value !== null && "error" in value;
  return isNo(answer) ? refused(answer.error.code, answer.error.message) : t.errorText;
}
