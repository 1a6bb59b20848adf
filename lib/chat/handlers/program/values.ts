import { KEY_LIMIT, VALUE_LIMIT } from "../../../model/handlers/handler.ts";
import type { FromThread, Question, ToThread } from "../protocol.ts";

interface Waiting {
  readonly resolve: (value: string | undefined) => void;
  readonly reject: (fault: Error) => void;
}

/** Queries to the server for handlers' values. */
export class Questions {
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  constructor(readonly send: (message: FromThread) => void) {}

  ask(question: Omit<Question, "kind" | "question">): Promise<string | undefined> {
    const number = (this.#asked += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.send({ kind: "question", question: number, ...question });
    });
  }

  answer({ question, value, fault }: Extract<ToThread, { kind: "answer" }>): void {
    const waiting = this.#waiting.get(question);
    this.#waiting.delete(question);
    if (fault === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(fault));
  }
}

/** The values of one handler, as its code uses them. */
export function openValues(questions: Questions, handler: string) {
  return {
    async get(key: unknown): Promise<unknown> {
      const value = await questions.ask({ handler, about: "get", key: readKey(key) });
      return value === undefined ? undefined : JSON.parse(value);
    },
    async set(key: unknown, value: unknown): Promise<void> {
      const json: unknown = JSON.stringify(value);
      if (typeof json !== "string") throw new TypeError("a value must be something JSON can write");
      if (Buffer.byteLength(json) > VALUE_LIMIT) {
        throw new RangeError(`a value has at most ${VALUE_LIMIT} bytes as JSON`);
      }
      await questions.ask({ handler, about: "set", key: readKey(key), value: json });
    },
    async delete(key: unknown): Promise<void> {
      await questions.ask({ handler, about: "delete", key: readKey(key) });
    },
    async keys(prefix: unknown = ""): Promise<unknown> {
      const key = prefix === "" ? "" : readKey(prefix);
      return JSON.parse((await questions.ask({ handler, about: "keys", key })) ?? "[]");
    },
  };
}

function readKey(key: unknown): string {
  if (
    typeof key !== "string" ||
    key === "" ||
    key.length > KEY_LIMIT ||
    /[\0\ud800-\udfff]/u.test(key)
  ) {
    throw new TypeError(`a key is text of 1 to ${KEY_LIMIT} characters`);
  }
  return key;
}
