import { defineHandler } from "chatroom";

/** `/roll 2d6` rolls dice for everyone to see. */
export default defineHandler({
  name: "dice",
  commands: {
    roll: {
      usage: "[dice]",
      help: "rolls dice, such as 2d6",
      run(rest, { person, say }) {
        const [, count = "1", sides = "6"] = /^(\d{1,2})?d(\d{1,4})$/.exec(rest || "1d6") ?? [];
        if (rest !== "" && !/^(\d{1,2})?d(\d{1,4})$/.test(rest)) return "Try /roll 2d6";
        const rolled = Array.from({ length: Number(count) }, () => {
          return 1 + Math.floor(Math.random() * Number(sides));
        });
        return say(`${person.name || "Someone"} rolled ${rolled.join(" + ")}`);
      },
    },
  },
});
