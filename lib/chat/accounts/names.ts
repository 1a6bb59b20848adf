import { Refusal } from "../../model/base/errors.ts";
import type { Person } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import { atLeast } from "../../model/people/role.ts";
import { isReserved } from "../../model/people/reserved.ts";
import { skeletonKeys } from "../../model/people/skeleton.ts";

/**
 * The first of these names that a program may have: not owned, and not a name of authority. Empty
 * if there is none.
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

/** An id that owns no name. */
export const PROGRAM = { id: "", role: "guest" } as const;

const OWNED = new Refusal("nameLooksOwned");

/** Why a person may not have a name: it claims authority, or looks like another person's. */
export async function refuseName(
  { accounts }: Pick<Records, "accounts">,
  name: string,
  person: Pick<Person, "id" | "role">,
): Promise<Refusal | null> {
  if (name === "") return null;
  const owners = await accounts.bearers(skeletonKeys(name));
  if (owners.length > 0) return owners.every(({ id }) => id === person.id) ? null : OWNED;
  // Moderators and above may have such names.
  if (isReserved(name) && !atLeast(person.role, "moderator")) {
    return new Refusal("nameReserved");
  }
  return null;
}
