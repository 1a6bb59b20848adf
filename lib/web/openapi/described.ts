import { type Declared, TAGS } from "./declared.ts";
import { pathOf } from "./openapi.ts";
import { componentsOf, type JsonSchema, type Shape } from "./schema.ts";

/** A parameter, field or response, for people. */
export interface DescribedField {
  readonly name: string;
  /** Such as `integer, 1 to 100` or `array of Author`. */
  readonly type: string;
  readonly about: string;
  readonly isRequired: boolean;
}
export interface DescribedOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly about: string;
  /** The identities that may call it. */
  readonly needs: string;
  readonly parameters: readonly DescribedField[];
  readonly body: readonly DescribedField[];
  readonly answers: readonly DescribedField[];
}
export interface Chapter {
  readonly name: string;
  readonly about: string;
  readonly operations: readonly DescribedOperation[];
}
export interface DescribedObject {
  readonly name: string;
  readonly about: string;
  readonly fields: readonly DescribedField[];
}

/** Describes the HTTP API for people: a chapter per tag, then the objects. */
export function describe(operations: readonly Declared[]): {
  readonly chapters: readonly Chapter[];
  readonly objects: readonly DescribedObject[];
} {
  const chapters = Object.entries(TAGS).map(([name, about]) => ({
    name,
    about,
    operations: operations.filter(({ tag }) => tag === name).map(operationOf),
  }));
  const schemas = operations.flatMap(({ body, answers }) => [
    ...(body ? [body] : []),
    ...Object.values(answers).flatMap(({ schema }) => (schema ? [schema] : [])),
  ]);
  const objects = [...componentsOf(schemas)].map(([name, json]) => {
    const fields = fieldsOf(json);
    return { name, about: fields.length > 0 ? "" : typeOf(json), fields };
  });
  return { chapters, objects };
}

function operationOf(declared: Declared): DescribedOperation {
  const { id, method, summary, about, scope, isPersonal, params, query, headers } = declared;
  const token = scope ? `a token with \`${scope}\`` : "a token";
  const { body, rawBody, answers } = declared;
  return {
    ...{ id, method, path: `/api${pathOf(declared)}`, summary, about },
    needs: isPersonal ? `Requires a cookie or ${token}.` : `Takes anyone, a cookie, or ${token}.`,
    parameters: [
      ...shapeFields(params, "path"),
      ...shapeFields(query, "query"),
      ...shapeFields(headers, "header"),
    ],
    body: rawBody
      ? Object.keys(rawBody).map((type) => ({ name: type, type: "", about: "", isRequired: false }))
      : body
        ? fieldsOf(body.component?.json ?? body.json)
        : [],
    answers: Object.entries(answers).map(([status, { about, schema, type }]) => ({
      name: status,
      type: [type ?? "", schema ? typeOf(schema.json) : ""]
        .filter((each) => each !== "")
        .join(", "),
      about,
      isRequired: true,
    })),
  };
}

function shapeFields(shape: Shape, where: "path" | "query" | "header"): DescribedField[] {
  return Object.entries(shape).map(([name, { json }]) => ({
    name,
    type: `${where}, ${typeOf(json)}`,
    about: aboutOf(json),
    isRequired: where === "path",
  }));
}

function fieldsOf(json: JsonSchema): DescribedField[] {
  const properties: Readonly<Record<string, JsonSchema>> = Object(json["properties"] ?? {});
  const required = Array.isArray(json["required"]) ? json["required"] : [];
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    type: typeOf(schema),
    about: aboutOf(schema),
    isRequired: required.includes(name),
  }));
}

function aboutOf({ description }: JsonSchema): string {
  return typeof description === "string" ? description : "";
}

/** A short name of a schema's type. */
function typeOf(json: JsonSchema): string {
  const { $ref, type, items, minimum, maximum, anyOf, properties, additionalProperties } = json;
  if (typeof $ref === "string") return $ref.slice($ref.lastIndexOf("/") + 1);
  if ("const" in json) return JSON.stringify(json["const"]);
  const { enum: values } = json;
  if (Array.isArray(values)) return values.map((each) => JSON.stringify(each)).join(" or ");
  if (Array.isArray(anyOf)) return anyOf.map(typeOf).join(" or ");
  if (type === "array") return `array of ${typeOf(Object(items ?? {}))}`;
  if (type === "object" && properties) {
    const names = fieldsOf(json).map(({ name, isRequired }) => (isRequired ? name : `${name}?`));
    return `{ ${names.join(", ")} }`;
  }
  if (additionalProperties) return `object of ${typeOf(Object(additionalProperties))}`;
  if (type === "integer" && typeof maximum === "number" && maximum < Number.MAX_SAFE_INTEGER) {
    return `integer, ${String(minimum)} to ${maximum}`;
  }
  return String(type ?? "anything");
}
