import type { FileInfo } from "../../../lib/model/files/file.ts";
import { toast } from "../base/announce.ts";
import { byId } from "../base/dom.ts";
import type { Attachments } from "./files.ts";
import { loadFiles } from "./lazy.ts";
import { t } from "../base/words.ts";

/**
 * Adds files by button, paste and drop, and opens pictures of the log. The code behind is loaded on
 * first use.
 */
export class FileInput {
  readonly #button = byId("attach", HTMLButtonElement);
  #files: Attachments | null = null;
  /** Whether to send the message as soon as its files are uploaded. */
  #isWanted = false;
  /** The most bytes in a file; 0: no uploads. */
  #limit = 0;

  /** `submit` sends the composer's content; `isOpen` returns whether the room is connected. */
  constructor(
    readonly submit: () => void,
    readonly isOpen: () => boolean,
  ) {
    const field = byId("file", HTMLInputElement);
    const text = byId("text", HTMLTextAreaElement);
    this.#button.addEventListener("click", () => field.click());
    field.addEventListener("change", () => {
      const chosen = [...(field.files ?? [])];
      field.value = "";
      void this.#add(chosen);
      text.focus();
    });
    text.addEventListener("paste", (event) => {
      const { clipboardData: data } = event;
      // Some programs copy a text together with a picture of it.
      if (!data || data.files.length === 0 || data.types.includes("text/plain")) return;
      event.preventDefault();
      void this.#add([...data.files]);
    });
    this.#listenToDrops();
    document.addEventListener("click", (event) => this.#open(event));
  }

  allow(limit: number): void {
    this.#limit = limit;
    this.#button.hidden = limit === 0;
  }

  /**
   * Hands the files over to the next message; null if some are still uploading, or failed. Without
   * a connection, files that are not uploaded are handed over as they are.
   */
  handOver(): readonly (FileInfo | File)[] | null {
    const files = this.#files;
    if (!files) return [];
    if (!this.isOpen() && !files.hasRefused) {
      const { all } = files;
      files.clear();
      return all;
    }
    this.#isWanted = files.isBusy;
    if (this.#isWanted) toast(t.uploading);
    if (files.isBusy || files.hasFailed) return null;
    const { ready } = files;
    files.clear();
    return ready;
  }

  async #add(chosen: readonly File[]): Promise<void> {
    if (chosen.length === 0 || this.#limit === 0) return;
    const loaded = await loadFiles().catch(() => null);
    if (!loaded) return toast(t.filesOffline);
    const { Attachments } = loaded;
    const onChange = () => this.#changed();
    this.#files ??= new Attachments({ limit: () => this.#limit, say: toast, onChange });
    this.#files.add(chosen);
  }

  #changed(): void {
    if (!this.#isWanted || this.#files?.isBusy) return;
    this.#isWanted = false;
    if (this.#files?.hasFailed === false) this.submit();
  }

  #listenToDrops(): void {
    const isOfFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const show = (isOver: boolean) => document.body.classList.toggle("dropping", isOver);
    document.addEventListener("dragover", (event) => {
      if (!isOfFiles(event) || this.#limit === 0) return;
      event.preventDefault();
      show(true);
    });
    document.addEventListener("dragleave", ({ relatedTarget }) => {
      if (!relatedTarget) show(false);
    });
    document.addEventListener("drop", (event) => {
      show(false);
      if (!isOfFiles(event) || this.#limit === 0) return;
      event.preventDefault();
      void this.#add([...(event.dataTransfer?.files ?? [])]);
    });
  }

  #open(event: MouseEvent): void {
    const { target } = event;
    const link = target instanceof Element ? target.closest("#log a.picture") : null;
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!(link instanceof HTMLAnchorElement) || !isPlain) return;
    event.preventDefault();
    void loadFiles().then(
      ({ openLarge }) => openLarge(link),
      () => window.open(link.href),
    );
  }
}
