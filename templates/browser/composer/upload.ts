import type { ErrorCode } from "../../../lib/model/base/errors.ts";
import { type FileInfo, MOST_FILES, sizeText } from "../../../lib/model/files/file.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import { below, button, byId, h, page } from "../base/dom.ts";
import { panels } from "../people/words.ts";
import { refused, t } from "../base/words.ts";

export interface AttachmentHooks {
  /** The most bytes in a file. */
  readonly limit: () => number;
  readonly say: (words: string) => void;
  readonly onChange: () => void;
}

/** A file that is uploading, or uploaded. */
interface Attached {
  readonly file: File;
  readonly row: HTMLLIElement;
  readonly bar: HTMLProgressElement;
  readonly about: HTMLElement;
  readonly again: HTMLButtonElement;
  state: "waiting" | "sending" | "here" | "failed";
  /** It failed because there was no network. */
  isLost: boolean;
  info: FileInfo | null;
  request: XMLHttpRequest | null;
}

/** Concurrent uploads. */
const AT_ONCE = 3;

/** The files for the next message; each is uploaded when it is chosen. */
export class Attachments {
  #list: Attached[] = [];
  readonly #rows = byId("attached", HTMLUListElement);

  constructor(readonly hooks: AttachmentHooks) {}

  /** Uploaded files, in the order they were chosen. */
  get ready(): readonly FileInfo[] {
    return this.#list.flatMap(({ info }) => info ?? []);
  }

  get isBusy(): boolean {
    return this.#list.some(({ state }) => state === "waiting" || state === "sending");
  }

  get hasFailed(): boolean {
    return this.#list.some(({ state }) => state === "failed");
  }

  /** One of them was refused, so the message cannot be sent. */
  get hasRefused(): boolean {
    return this.#list.some(({ state, isLost }) => state === "failed" && !isLost);
  }

  /** All files; those not uploaded as chosen. Aborts uploads. */
  get all(): readonly (FileInfo | File)[] {
    for (const { request } of this.#list) request?.abort();
    return this.#list.map(({ info, file }) => info ?? file);
  }

  add(files: Iterable<File>): void {
    const limit = this.hooks.limit();
    for (const file of files) {
      if (this.#list.length >= MOST_FILES) {
        this.hooks.say(fill(panels.tooManyFiles, { count: MOST_FILES }));
        break;
      }
      if (file.size > limit) {
        const size = sizeText(limit, page.language);
        this.hooks.say(fill(panels.fileTooLarge, { name: file.name, size }));
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
    const remove = button(fill(panels.removeFile, { name: file.name }), "close", () => {
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
      ...{ state: "waiting", isLost: false, info: null, request: null },
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
      void this.#send(each);
    }
    for (const { row, state, bar, again } of this.#list) {
      row.dataset["state"] = state;
      bar.hidden = state !== "sending" && state !== "waiting";
      again.hidden = state !== "failed";
    }
    // Not recreated, so that the focus stays.
    for (const row of [...this.#rows.children]) {
      if (!this.#list.some((each) => each.row === row)) row.remove();
    }
    this.#rows.append(
      ...this.#list.map(({ row }) => row).filter((row) => row.parentNode !== this.#rows),
    );
    this.#rows.hidden = this.#list.length === 0;
    this.hooks.onChange();
  }

  async #send(attached: Attached): Promise<void> {
    attached.state = "sending";
    const { bar } = attached;
    const upload = startUpload(attached.file, (part) => (bar.value = part));
    attached.request = upload.request;
    const answer = await upload.answer;
    attached.isLost = answer === null;
    if (answer === null) this.#fail(attached, panels.uploadLost);
    else if (typeof answer === "string") this.#fail(attached, answer);
    else {
      attached.info = answer;
      attached.state = "here";
      this.#changed();
    }
  }

  #fail(attached: Attached, why: string): void {
    attached.state = "failed";
    attached.about.textContent = why;
    attached.about.setAttribute("role", "alert");
    this.#changed();
  }
}

/** The stored file; a refusal; null: the connection was lost. */
type Uploaded = FileInfo | string | null;

/** Uploads a file to this room; `onProgress` receives the part sent, from 0 to 1. */
function startUpload(file: File, onProgress: (part: number) => void) {
  // `fetch` does not report upload progress.
  const request = new XMLHttpRequest();
  const answer = new Promise<Uploaded>((resolve) => {
    const address = below(`api/v1/rooms/${encodeURIComponent(page.room)}/files`);
    address.searchParams.set("name", file.name);
    request.open("POST", address);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const { response, status } = request;
      resolve(status === 201 && isInfo(response) ? response : whyNot(response));
    };
    request.onerror = () => resolve(null);
    request.send(file);
  });
  return { request, answer };
}

/** Uploads a file that waited for the network. */
export function uploadFile(file: File): Promise<Uploaded> {
  return startUpload(file, () => undefined).answer;
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
