import type { FloodSettings } from "../../model/rooms/floods.ts";
import type { Words } from "../../../templates/locales/en.ts";
import { type Form, field, form } from "../pages/forms.ts";

const HIDDEN = [{ name: "verb", value: "floods" }];

/** The form of the run-time settings. */
export function settingsForms(w: Words, settings: FloodSettings): readonly Form[] {
  const { person, network, invalidCost, strikes, muteSeconds, longestSeconds } = settings;
  const number = (name: string, label: string, value: number) =>
    field(name, label, { type: "number", value: String(value) });
  const fields = [
    number("person.burst", w.personBurst, person.burst),
    number("person.perSecond", w.personRate, person.perSecond),
    number("network.burst", w.placeBurst, network.burst),
    number("network.perSecond", w.placeRate, network.perSecond),
    number("invalidCost", w.invalidCost, invalidCost),
    number("strikes", w.strikes, strikes),
    number("muteSeconds", w.muteSeconds, muteSeconds),
    number("longestSeconds", w.longestSeconds, longestSeconds),
  ];
  const more = { heading: w.floods, text: w.floodsText, fields, hidden: HIDDEN };
  return [form("./settings", w.save, more)];
}

/** The fields of that form, in the shape that `floodSettings` reads. */
export function typedSettings(fields: URLSearchParams): unknown {
  const number = (name: string) => Number(fields.get(name) || Number.NaN);
  const rate = (name: string) => ({
    burst: number(`${name}.burst`),
    perSecond: number(`${name}.perSecond`),
  });
  return {
    person: rate("person"),
    network: rate("network"),
    invalidCost: number("invalidCost"),
    strikes: number("strikes"),
    muteSeconds: number("muteSeconds"),
    longestSeconds: number("longestSeconds"),
  };
}
