import { Refusal } from "../../model/base/errors.ts";
import { allows } from "../../model/people/grant.ts";
import type { Context, Params } from "../http/context.ts";
import type { Route } from "../http/router.ts";
import type { Declared } from "../openapi/declared.ts";
import type { Of, Schema, Shape } from "../openapi/schema.ts";
import { type ApiDeps, type Caller, callerOf, personOf } from "./caller.ts";
import { type Reply, respond } from "./reply.ts";

type Needed<S extends Shape> = { readonly [K in keyof S]: Of<S[K]> };
type Possible<S extends Shape> = { readonly [K in keyof S]?: Of<S[K]> };

/** A checked call of an operation. */
export interface Call<P extends Shape, Q extends Shape, B> {
  readonly context: Context;
  readonly caller: Caller;
  readonly params: Needed<P>;
  readonly query: Possible<Q>;
  readonly body: B;
}

type Result = Reply | Response | Refusal;

/** The description and implementation of an operation. */
interface Spec<P extends Shape, Q extends Shape, B> extends Pick<
  Declared,
  "id" | "method" | "path" | "tag" | "summary" | "scope" | "answers"
> {
  readonly about?: string;
  readonly isPersonal?: true;
  readonly params?: P;
  readonly query?: Q;
  readonly headers?: Shape;
  readonly body?: Schema<B>;
  readonly rawBody?: Declared["rawBody"];
  readonly route: Pick<Route, "limit" | "lasts" | "upload">;
  /** Our own pages call it too, so refusals are in the visitor's language. */
  readonly servesPage?: true;
  handle(call: Call<P, Q, B>, deps: ApiDeps): Result | Promise<Result>;
}

export interface Operation extends Declared {
  routeOf(deps: ApiDeps): Route;
}

/** An operation of the HTTP API, declared once for routing, validation and `openapi.json`. */
export function operation<P extends Shape = {}, Q extends Shape = {}, B = undefined>(
  spec: Spec<P, Q, B>,
): Operation {
  const { id, method, path, tag, summary, scope, answers, route } = spec;
  const isPersonal = spec.isPersonal === true;
  const call = (context: Context): Promise<Call<P, Q, B> | Refusal> => read(context, spec);
  return {
    ...{ id, method, path, tag, summary, scope, answers, isPersonal },
    about: spec.about ?? "",
    params: spec.params ?? {},
    query: spec.query ?? {},
    headers: spec.headers ?? {},
    body: spec.body ?? null,
    rawBody: spec.rawBody ?? null,
    routeOf: (deps) => ({
      method,
      path: `/api${path}`,
      ...route,
      ...(spec.servesPage ? {} : { api: true }),
      takesToken: true,
      async handle(context) {
        const asked = await call(context);
        const result = asked instanceof Refusal ? asked : await spec.handle(asked, deps);
        if (result instanceof Refusal || result instanceof Response) return result;
        return respond(result, context);
      },
    }),
  };
}

async function read<P extends Shape, Q extends Shape, B>(
  context: Context,
  { isPersonal, scope, params, query, body }: Spec<P, Q, B>,
): Promise<Call<P, Q, B> | Refusal> {
  const caller = isPersonal ? personOf(context) : callerOf(context);
  if (caller instanceof Refusal) return caller;
  const { grant } = context;
  if (grant && scope && !allows(grant, scope)) return new Refusal("tokenScope", { scope });
  const inPath = fieldsOf<Needed<P>>(params ?? {}, context.params);
  if (inPath instanceof Refusal) return inPath;
  const given = context.url.searchParams;
  const known: Shape = query ?? {};
  const unknown = [...given.keys()].find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) return new Refusal("unknownField", { name: unknown });
  const inQuery = fieldsOf<Possible<Q>>(known, Object.fromEntries(given));
  if (inQuery instanceof Refusal) return inQuery;
  const sent = body ? await bodyOf(context.request, body) : undefined;
  if (sent instanceof Refusal) return sent;
  // Without a body schema, `B` is undefined.
  return { context, caller, params: inPath, query: inQuery, body: sent as B };
}

/** The parameters given, checked. Those of the path are always given. */
function fieldsOf<T>(shape: Shape, given: Params): T | Refusal {
  const found: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(shape)) {
    const text = given[name];
    if (text === undefined) continue;
    const checked = schema.check(schema.read(text), name);
    if (checked instanceof Refusal) return checked;
    found[name] = checked;
  }
  // Each field was checked by its own schema.
  return found as T;
}

async function bodyOf<B>(request: Request, schema: Schema<B>): Promise<B | Refusal> {
  // Browsers do not send this type from another site's form without a preflight request.
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) {
    return new Refusal("jsonType");
  }
  const json: unknown = await request.json().catch(() => undefined);
  return json === undefined ? new Refusal("jsonBody") : schema.check(json, "body");
}
