import { below } from "./dom.ts";
import { t } from "./words.ts";

/** Gives the guest of this browser a name. Returns why it cannot be, or null. */
export async function saveName(name: string): Promise<string | null> {
  const headers = { accept: "application/json" };
  const body = new URLSearchParams({ name });
  const answer = await fetch(below("me"), { method: "POST", headers, body }).catch(() => null);
  if (answer?.ok) return null;
  return answer?.status === 400 || answer?.status === 413 ? t.badName : t.errorText;
}
