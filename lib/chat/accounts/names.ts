import { Refusal } from "../../model/base/errors.ts";
import type { Person } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import { atLeast } from "../../model/people/role.ts";
import { isReserved } from "../../model/people/reserved.ts";
import { skeletonKeys } from "../../model/people/skeleton.ts";

/**
 * The first of these names that a program may bear: one that nobody owns and that does not say who is
 * in charge; empty where there is none.
 */
export async function programName(
  records: Pick<Records, "accounts">,
  names: readonly string[],
): Promise<string> {
  for (const name of names) {
    if ((await refuseName(records, name, PROGRAM)) === null) return name;
  }
  return "";
}

/** Nobody's id, so that no name is its own. */
export const PROGRAM = { id: "", role: "guest" } as const;

const OWNED = new Refusal("nameLooksOwned");

/** Why this person may not be called that: it says who is in charge, or looks like another's name. */
export async function refuseName(
  { accounts }: Pick<Records, "accounts">,
  name: string,
  person: Pick<Person, "id" | "role">,
): Promise<Refusal | null> {
  if (name === "") return null;
  const owners = await accounts.bearers(skeletonKeys(name));
  if (owners.length > 0) return owners.every(({ id }) => id === person.id) ? null : OWNED;
  // Those who do look after the chat may say so.
  if (isReserved(name) && !atLeast(person.role, "moderator")) {
    return new Refusal("nameReserved");
  }
  return null;
}
