import { OPERATIONS } from "../../lib/web/api/routes.ts";
import { Refusal } from "../../lib/model/base/errors.ts";
import type { Server } from "./servers/server.ts";

export interface CallOptions {
  readonly token?: string;
  readonly cookie?: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** Of a refusal: `code: message`. */
  readonly refused: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Operations that were answered as they declare. */
export const called = new Set<string>();

/**
 * Calls an operation of the HTTP API by its id. Throws where the answer is not as the operation
 * declares: a field too many or too few, or a status it does not say.
 */
export async function call(
  server: Server,
  id: string,
  params: Readonly<Record<string, string | number>> = {},
  { token, cookie, query = {}, body, headers = {} }: CallOptions = {},
): Promise<Answered> {
  const operation = OPERATIONS.find((each) => each.id === id);
  if (!operation) throw new Error(`no operation ${id}`);
  const path = operation.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const url = new URL(`api${path}`, server.url);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  const response = await fetch(url, {
    method: operation.method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(cookie === undefined ? {} : { cookie }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { status } = response;
  const text = await response.text();
  const json = text === "" ? undefined : JSON.parse(text);
  const answered = { status, headers: response.headers, body: json };
  if (status >= 400) {
    const { code, message } = json.error;
    return { ...answered, refused: `${code}: ${message}` };
  }
  const declared = operation.answers[status];
  if (!declared && status !== 304) throw new Error(`${id} does not declare ${status}`);
  const wrong = declared?.schema?.check(json, "answer");
  if (wrong instanceof Refusal) {
    throw new Error(`${id} ${status}: ${wrong.key} ${JSON.stringify(wrong.params)} in ${text}`);
  }
  called.add(id);
  return { ...answered, refused: null };
}
