import { defineHandler } from "chatroom";

const RUDE = /\bdarn\b/i;

/** Refuses rude words, and mutes whoever goes on with them. */
export default defineHandler({
  name: "polite",
  // Without `rooms` it is for all rooms.
  async onMessage({ text, author }, { store, refuse, mute, person }) {
    if (!RUDE.test(text) || person.role === "admin") return;
    const key = `count ${author.id}`;
    const count = ((await store.get<number>(key)) ?? 0) + 1;
    await store.set(key, count);
    if (count % 3 === 0) mute(author, "5m", "rude words");
    refuse("Please be polite.");
  },
});
