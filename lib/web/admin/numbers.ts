import type { Sample } from "../../ops/samples.ts";
import type { Words } from "../../../templates/locales/en.ts";

/** The size of a chart, in units of its `viewBox`; a sample is one unit wide. */
const [WIDTH, HEIGHT] = [150, 40];

/** The present numbers, and a chart of each over the last five minutes. */
export function numbersOf(samples: readonly Sample[], w: Words) {
  const one = (key: keyof Sample, label: string, digits = 0) => {
    const values = samples.map((sample) => sample[key]);
    const most = Math.max(...values, 10 ** -digits);
    const points = values.map((value, at) => {
      const x = WIDTH - values.length + at + 1;
      return `${x},${(HEIGHT - 1 - (value / most) * (HEIGHT - 2)).toFixed(1)}`;
    });
    const value = (values.at(-1) ?? 0).toFixed(digits);
    const range = `${w.lastMinutes} ${most.toFixed(digits)}`;
    return { label, value, points: points.join(" "), range, about: `${label}: ${value}; ${range}` };
  };
  return [
    one("people", w.here),
    one("sockets", w.sockets),
    one("rooms", w.rooms),
    one("perSecond", w.perSecond, 1),
    one("memory", w.memory),
    one("commit", w.commit, 2),
  ];
}
