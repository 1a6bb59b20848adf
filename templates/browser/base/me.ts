import type { ErrorCode } from "../../../lib/model/base/errors.ts";
import { below } from "./dom.ts";
import { refused, t } from "./words.ts";

interface No {
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

export interface NameProblem {
  /** Why the name cannot be used. */
  readonly words: string;
  /** It has an owner; signing in may help. */
  readonly isOwned: boolean;
}

/** Gives this browser's guest a name. Returns why that is not possible, or null. */
export async function saveName(name: string): Promise<NameProblem | null> {
  const headers = { accept: "application/json" };
  const body = new URLSearchParams({ name });
  const answer = await fetch(below("me"), { method: "POST", headers, body }).catch(() => null);
  if (answer?.ok) return null;
  const unowned = (words: string) => ({ words, isOwned: false });
  if (answer?.status === 400 || answer?.status === 413) return unowned(t.badName);
  if (answer?.status !== 403) return unowned(t.errorText);
  // It has an owner, or is reserved.
  const { error }: No = await answer.json();
  return { words: refused(error.code, error.message), isOwned: true };
}
