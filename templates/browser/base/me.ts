import type { ErrorCode } from "../../../lib/model/base/errors.ts";
import { below } from "./dom.ts";
import { refused, t } from "./words.ts";

interface No {
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

/** Gives the guest of this browser a name. Returns why it cannot be, or null. */
export async function saveName(name: string): Promise<string | null> {
  const headers = { accept: "application/json" };
  const body = new URLSearchParams({ name });
  const answer = await fetch(below("me"), { method: "POST", headers, body }).catch(() => null);
  if (answer?.ok) return null;
  if (answer?.status === 400 || answer?.status === 413) return t.badName;
  if (answer?.status !== 403) return t.errorText;
  // It is someone's, or says who is in charge.
  const { error }: No = await answer.json();
  return refused(error.code, error.message);
}
