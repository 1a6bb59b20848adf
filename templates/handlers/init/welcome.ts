import { defineHandler } from "chatroom";

/** Greets whoever comes into the lobby for the first time, and answers a thank you with a heart. */
export default defineHandler({
  name: "welcome",
  rooms: ["lobby"],
  async onJoin(person, { store, reply }) {
    const key = `seen ${person.id}`;
    if (await store.get(key)) return;
    await store.set(key, true);
    reply(`Welcome${person.name === "" ? "" : `, ${person.name}`}! /help lists the commands.`);
  },
  onMessage({ text }, { react, seq }) {
    if (/\bthank you\b/i.test(text)) react(seq, "❤️");
  },
});
