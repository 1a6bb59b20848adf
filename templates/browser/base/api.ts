import type { Message } from "../../../lib/model/wire/event.ts";
import { type ErrorCode, Refusal } from "../../../lib/model/base/errors.ts";
import { below } from "./dom.ts";

interface Answer {
  readonly messages?: readonly Message[];
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/** Messages of a room, oldest first, as the HTTP API gives them. Throws where there is no network. */
export async function messagesOf(
  room: string,
  query: Readonly<Record<string, string | number>>,
): Promise<readonly Message[] | Refusal> {
  const address = below(`api/v1/rooms/${encodeURIComponent(room)}/messages`);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, `${value}`);
  const { messages = [], error }: Answer = await (await fetch(address)).json();
  return error ? new Refusal(error.code, error.message) : messages;
}
