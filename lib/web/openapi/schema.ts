import { Refusal } from "../../model/base/errors.ts";
import { characters } from "../../model/text/text.ts";
import { isWhole } from "../../model/wire/check.ts";

/** JSON Schema 2020-12, as used by OpenAPI 3.1. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The type of a value: checked on input, and described in `openapi.json`. */
export interface Schema<T> {
  readonly json: JsonSchema;
  /** The name and description of a component, if it is one. */
  readonly component?: { readonly name: string; readonly json: JsonSchema };
  /** The schemas it refers to. */
  readonly parts: readonly Schema<unknown>[];
  /** Checks a value and returns it. `at` is the field's name, for the refusal. */
  check(value: unknown, at: string): T | Refusal;
  /** The value in the text of a parameter, not yet checked. */
  read(text: string): unknown;
}

export type Of<S> = S extends Schema<infer T> ? T : never;
export type Shape = Readonly<Record<string, Schema<unknown>>>;
export type Fields<R extends Shape, O extends Shape> = {
  readonly [K in keyof R]: Of<R[K]>;
} & { readonly [K in keyof O]?: Of<O[K]> };

/** A schema that consists of its check. */
export function custom<T>(
  json: JsonSchema,
  check: (value: unknown, at: string) => T | Refusal,
  read: (text: string) => unknown = (text) => text,
): Schema<T> {
  return { json, parts: [], check, read };
}

/** A string of so many characters. */
export function text(
  about: string,
  { least = 0, most }: { readonly least?: number; readonly most?: number } = {},
): Schema<string> {
  const json = {
    type: "string",
    description: about,
    ...(least === 0 ? {} : { minLength: least }),
    ...(most === undefined ? {} : { maxLength: most }),
  };
  return custom(json, (value, name) => {
    if (typeof value !== "string" || value.length < least) return new Refusal("string", { name });
    return most !== undefined && characters(value, most) > most
      ? new Refusal("shortString", { name, count: most })
      : value;
  });
}

export function whole(
  about: string,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
  usual?: number,
): Schema<number> {
  const json = {
    type: "integer",
    description: about,
    minimum: least,
    maximum: most,
    ...(usual === undefined ? {} : { default: usual }),
  };
  return custom(
    json,
    (value, name) => {
      if (isWhole(value, least, most)) return value;
      return typeof value === "number" && Number.isSafeInteger(value)
        ? new Refusal("range", { name, least, most })
        : new Refusal("wholeNumber", { name });
    },
    (given) => (/^\d{1,16}$/.test(given) ? Number(given) : given),
  );
}

export function flag(about: string): Schema<boolean> {
  return custom(
    { type: "boolean", description: about },
    (value, name) => (typeof value === "boolean" ? value : new Refusal("boolean", { name })),
    (given) => (given === "true" ? true : given === "false" ? false : given),
  );
}

export function choice<const V extends string>(about: string, values: readonly V[]): Schema<V> {
  return custom({ type: "string", description: about, enum: values }, (value, name) => {
    const known = values.find((each) => each === value);
    return known ?? new Refusal("oneOf", { name, values: values.join(", ") });
  });
}

export function constant<const V extends string | boolean>(value: V): Schema<V> {
  return custom({ const: value }, (given, name) =>
    given === value ? value : new Refusal("oneOf", { name, values: String(value) }),
  );
}

export function list<T>(
  about: string,
  item: Schema<T>,
  most = Number.MAX_SAFE_INTEGER,
): Schema<readonly T[]> {
  const bound = most === Number.MAX_SAFE_INTEGER ? {} : { maxItems: most };
  return {
    json: { type: "array", description: about, items: item.json, ...bound },
    parts: [item],
    check(value, name) {
      if (!Array.isArray(value) || value.length > most) return new Refusal("list", { name });
      const items: T[] = [];
      for (const each of value) {
        const checked = item.check(each, name);
        if (checked instanceof Refusal) return checked;
        items.push(checked);
      }
      return items;
    },
    read: (given) => given,
  };
}

/** An object with arbitrary keys. */
export function record<T>(about: string, value: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return {
    json: { type: "object", description: about, additionalProperties: value.json },
    parts: [value],
    check(given, name) {
      if (typeof given !== "object" || given === null) return new Refusal("list", { name });
      const found: Record<string, T> = {};
      for (const [key, each] of Object.entries(given)) {
        const checked = value.check(each, `${name}.${key}`);
        if (checked instanceof Refusal) return checked;
        found[key] = checked;
      }
      return found;
    },
    read: (given) => given,
  };
}

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return {
    json: { anyOf: [schema.json, { type: "null" }] },
    parts: [schema],
    check: (value, name) => (value === null ? null : schema.check(value, name)),
    read: (given) => given,
  };
}

/** One of several schemas. A value that matches none is refused by the last. */
export function anyOf<T>(about: string, ...schemas: readonly Schema<T>[]): Schema<T> {
  return {
    json: { description: about, anyOf: schemas.map(({ json }) => json) },
    parts: schemas,
    check(value, name) {
      let refusal: Refusal = new Refusal("jsonBody");
      for (const schema of schemas) {
        const checked = schema.check(value, name);
        if (!(checked instanceof Refusal)) return checked;
        refusal = checked;
      }
      return refusal;
    },
    read: (given) => given,
  };
}

/** An object with these fields and no others. */
export function object<R extends Shape, O extends Shape = {}>(
  required: R,
  optional?: O,
): Schema<Fields<R, O>> {
  const all: Shape = { ...required, ...optional };
  const entries = Object.entries(all);
  return {
    json: {
      type: "object",
      properties: Object.fromEntries(entries.map(([name, { json }]) => [name, json])),
      ...(Object.keys(required).length > 0 ? { required: Object.keys(required) } : {}),
    },
    parts: entries.map(([, schema]) => schema),
    check(value) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return new Refusal("jsonBody");
      }
      const given: Readonly<Record<string, unknown>> = { ...value };
      const unknown = Object.keys(given).find((name) => !Object.hasOwn(all, name));
      if (unknown !== undefined) return new Refusal("unknownField", { name: unknown });
      const found: Record<string, unknown> = {};
      for (const [name, schema] of entries) {
        if (given[name] === undefined && !Object.hasOwn(required, name)) continue;
        const checked = schema.check(given[name], name);
        if (checked instanceof Refusal) return checked;
        found[name] = checked;
      }
      // Each field was checked by its own schema.
      return found as Fields<R, O>;
    },
    read: (given) => given,
  };
}

/** A schema described once, under a name. */
export function component<T>(name: string, schema: Schema<T>): Schema<T> {
  return {
    ...schema,
    json: { $ref: `#/components/schemas/${name}` },
    component: { name, json: schema.json },
  };
}

/** The components that a schema uses, by name. */
export function componentsOf(schemas: readonly Schema<unknown>[]): Map<string, JsonSchema> {
  const found = new Map<string, JsonSchema>();
  const waiting = [...schemas];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.component) {
      if (found.has(next.component.name)) continue;
      found.set(next.component.name, next.component.json);
    }
    waiting.push(...next.parts);
  }
  return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
}
