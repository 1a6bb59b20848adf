import { OPERATIONS } from "../api/routes.ts";
import { renderMarkup } from "../../chat/messages/markup.ts";
import type { Context } from "../http/context.ts";
import type { Route } from "../http/router.ts";
import { SafeHtml } from "../http/template.ts";
import { describe, type DescribedField } from "../openapi/described.ts";
import { INTRODUCTION } from "../openapi/openapi.ts";
import { page, pageTemplate } from "./pages.ts";

const template = pageTemplate("api.html");
const DESCRIBED = describe(OPERATIONS);

/** `/api/`: the reference of the HTTP API, in English as its errors are. */
export function apiPageRoutes(): readonly Route[] {
  return [{ method: "GET", path: "/api/", handle: show, limit: "page", greets: true }];
}

function show(context: Context): Response {
  const { chapters, objects } = DESCRIBED;
  const heading = "The HTTP API";
  return page(
    context,
    template,
    "api/",
    {
      title: `${heading} · chatroom`,
      heading,
      base: `${context.baseUrl}api`,
      introduction: INTRODUCTION.split("\n\n").map((text) => ({ text: marked(text) })),
      chapters: chapters.map(({ operations, ...chapter }) => ({
        ...chapter,
        operations: operations.map(({ parameters, body, answers, ...operation }) => ({
          ...operation,
          about: marked(operation.about),
          needs: marked(operation.needs),
          lists: [
            { name: "Parameters", fields: parameters.map(shown) },
            { name: "Body", fields: body.map(shown) },
            { name: "Answers", fields: answers.map(shown) },
          ].filter(({ fields }) => fields.length > 0),
        })),
      })),
      objects: objects.map(({ name, about, fields }) => {
        return { name, about, fields: fields.map(shown) };
      }),
    },
    200,
  );
}

/** Text with marks, as a message may have them. */
function marked(text: string): string | SafeHtml {
  const html = renderMarkup(text.replaceAll("\n", " "));
  return html === undefined ? text : new SafeHtml(html);
}

function shown({ name, type, about, isRequired }: DescribedField) {
  return { name: isRequired ? name : `${name}?`, type, about: marked(about) };
}
