/** A random id for a message, 24 characters. (`crypto.randomUUID` is missing on plain-http pages.) */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
