import type { Declared } from "./declared.ts";
import { describe, type DescribedField } from "./described.ts";
import { FAILURES, INTRODUCTION } from "./openapi.ts";

/** `docs/http.md`: the HTTP API for people. */
export function markdownOf(operations: readonly Declared[]): string {
  const { chapters, objects } = describe(operations);
  const lines = [
    "# The HTTP API",
    "",
    "Written by `bun lib/tools/http-docs.ts` from the table in `lib/web/api/routes.ts`. A server tells the same",
    "at `/api/`, and as OpenAPI 3.1 at `/api/v1/openapi.json`. Tokens: [Bots and tokens](bots.md).",
    "",
    INTRODUCTION,
    "",
    ...chapters.flatMap(({ name, about, operations }) => [
      `## ${name}`,
      "",
      about,
      "",
      ...operations.flatMap(({ id, method, path, summary, about, needs, ...more }) => [
        `### ${summary}`,
        "",
        `\`${method} ${path}\` (\`${id}\`)`,
        "",
        ...(about === "" ? [] : [about, ""]),
        needs,
        "",
        ...bullets("Parameters", more.parameters),
        ...bullets("Body", more.body),
        ...bullets("Answers", more.answers),
      ]),
    ]),
    "## Objects",
    "",
    ...objects.flatMap(({ name, about, fields }) => [
      `### ${name}`,
      "",
      ...(about === "" ? [] : [about, ""]),
      ...bullets("Fields", fields),
    ]),
    "## Refusals",
    "",
    ...Object.entries(FAILURES).map(([status, about]) => `- ${status}: ${about}`),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function bullets(title: string, fields: readonly DescribedField[]): string[] {
  if (fields.length === 0) return [];
  const items = fields.map(({ name, type, about, isRequired }) => {
    const kind = type === "" ? "" : ` (${type})`;
    return `- \`${name}${isRequired ? "" : "?"}\`${kind}${about === "" ? "" : `: ${about}`}`;
  });
  return [`${title}:`, "", ...items, ""];
}
