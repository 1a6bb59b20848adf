import type { Message } from "../../../lib/model/wire/event.ts";
import type { ErrorCode } from "../../../lib/model/base/errors.ts";
import { below } from "./dom.ts";

/** A refusal of the server; `message` is in the page's language. */
export interface Refused {
  readonly code: ErrorCode;
  readonly message: string;
}

interface Answer {
  readonly messages?: readonly Message[];
  readonly error?: Refused;
}

/** Messages of a room, oldest first, from the HTTP API. Throws without a network. */
export async function messagesOf(
  room: string,
  query: Readonly<Record<string, string | number>>,
): Promise<readonly Message[] | Refused> {
  const address = below(`api/v1/rooms/${encodeURIComponent(room)}/messages`);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, `${value}`);
  const { messages = [], error }: Answer = await (await fetch(address)).json();
  return error ?? messages;
}
