import type { ErrorCode } from "../../model/base/errors.ts";
import { REFUSALS } from "../../model/base/errors.ts";
import { type Answer, type Declared, type Tag, TAGS } from "./declared.ts";
import {
  choice,
  component,
  componentsOf,
  type JsonSchema,
  object,
  type Shape,
  text,
} from "./schema.ts";

const CODES: readonly ErrorCode[] = [...new Set(Object.values(REFUSALS))].sort();

const ERROR = component(
  "Error",
  object({
    error: object({
      code: choice("What kind of refusal it is: a client may switch on it.", CODES),
      message: text("Why, in English, for people."),
    }),
  }),
);

/** Refusals by status, with their causes. */
export const FAILURES = {
  400: "A parameter or the body is invalid.",
  401: "The token is unknown or was revoked.",
  403: "The caller is not allowed to do this.",
  404: "Not found.",
  411: "An upload without `Content-Length`.",
  413: "The text is too long, or the body too large.",
  415: "The body is not of the type `application/json`.",
  429: "A limit is reached. `Retry-After` has the seconds to wait, where waiting helps.",
  500: "A server error; the message has the id under which it is logged.",
  503: "The server is restarting.",
} as const;
type Failure = keyof typeof FAILURES;

/** The refusals an operation can return. */
export function failuresOf({ body, rawBody, answers }: Declared): Failure[] {
  const all: Failure[] = [400, 401, 403, 404];
  if (rawBody) all.push(411);
  if (body || rawBody) all.push(413);
  if (body) all.push(415);
  const isStream = Object.values(answers).some(({ type }) => type === "text/event-stream");
  return [...all, 429, 500, ...(isStream ? ([503] as const) : [])];
}

/** The OpenAPI document (3.1) of these operations; `server` is the address of `/api`. */
export function documentOf(operations: readonly Declared[], server: string): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of operations) {
    const path = (paths[pathOf(each)] ??= {});
    path[each.method.toLowerCase()] = operationOf(each);
  }
  const used = operations.flatMap(({ body, answers }) => [
    ...(body ? [body] : []),
    ...Object.values(answers).flatMap(({ schema }: Answer) => (schema ? [schema] : [])),
  ]);
  const inUse = new Set(operations.flatMap((each) => failuresOf(each)));
  return {
    openapi: "3.1.0",
    info: {
      title: "chatroom",
      version: "1",
      description: INTRODUCTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: server }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: [{}, { token: [] }, { cookie: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "The token of a bot." },
        cookie: {
          ...{ type: "apiKey", in: "cookie", name: "chatroom-session" },
          description:
            "The cookies that the server's pages set; over TLS they begin with `__Host-`.",
        },
      },
      schemas: Object.fromEntries(componentsOf([...used, ERROR])),
      headers: HEADERS,
      responses: Object.fromEntries(
        Object.entries(FAILURES)
          .filter(([status]) => [...inUse].some((each) => String(each) === status))
          .map(([status, description]) => [`Error${status}`, failure(description, status)]),
      ),
    },
  };
}

export const INTRODUCTION = `Anything the page can do, a program can do. A request is made as the bot of its token, as
the person of its cookies, or, without either, as a guest who stands for its network address.

Errors are \`{"error":{"code","message"}}\` with the matching status. Lists are paginated: \`limit\` sets the size
of a page, and while \`more\` is true the \`Link\` header (\`rel="next"\`) has the address of the next page. Answers to
GET have an \`ETag\`. \`RateLimit\` and \`RateLimit-Policy\` report the requests that remain for the network.`;

const LINK = { description: 'The next page, as `<…>; rel="next"`.', schema: { type: "string" } };
const HEADERS = {
  Link: LINK,
  "Retry-After": { description: "Seconds.", schema: { type: "integer" } },
  RateLimit: {
    description:
      "Requests that remain (`r`), and seconds until the whole quota is available (`t`).",
    schema: { type: "string" },
  },
};
const headerRefs = (...names: readonly (keyof typeof HEADERS)[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

function failure(description: string, status: string) {
  const waits = status === "429" || status === "503";
  return {
    description,
    headers: headerRefs("RateLimit", ...(waits ? (["Retry-After"] as const) : [])),
    content: { "application/json": { schema: ERROR.json } },
  };
}

/** The path with its parameters in braces. */
export function pathOf({ path }: Pick<Declared, "path">): string {
  return path.replace(/:(\w+)/g, "{$1}");
}

function operationOf(declared: Declared) {
  const { id, tag, summary, about, scope, isPersonal, body, rawBody, query } = declared;
  const roles = scope ? [scope] : [];
  const known = [{ token: roles }, { cookie: [] }];
  const content = rawBody
    ? Object.fromEntries(Object.entries(rawBody).map(([type, schema]) => [type, { schema }]))
    : body && { "application/json": { schema: body.json } };
  const pages = Object.hasOwn(query, "limit");
  return {
    operationId: id,
    tags: [tag satisfies Tag],
    summary,
    ...(about === "" ? {} : { description: about }),
    security: isPersonal ? known : [{}, ...known],
    parameters: [
      ...parameters("path", declared.params),
      ...parameters("query", declared.query),
      ...parameters("header", declared.headers),
    ],
    ...(content ? { requestBody: { required: true, content } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(declared.answers).map(([status, answer]) => [
          status,
          response(answer, pages),
        ]),
      ),
      ...Object.fromEntries(
        failuresOf(declared).map((status) => [
          String(status),
          { $ref: `#/components/responses/Error${status}` },
        ]),
      ),
    },
  };
}

function response({ about, schema, type = "application/json" }: Answer, pages: boolean) {
  return {
    description: about,
    headers: headerRefs("RateLimit", ...(pages ? (["Link"] as const) : [])),
    ...(schema ? { content: { [type]: { schema: schema.json } } } : {}),
  };
}

function parameters(where: "path" | "query" | "header", shape: Shape) {
  return Object.entries(shape).map(([name, { json }]) => {
    const { description, ...schema } = json;
    return {
      ...{ name, in: where, required: where === "path" },
      ...(description === undefined ? {} : { description }),
      schema,
    };
  });
}
