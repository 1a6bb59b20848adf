import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { OPERATIONS } from "../../../lib/web/api/routes.ts";
import { pathOf } from "../../../lib/web/openapi/openapi.ts";
import { markdownOf } from "../../../lib/web/openapi/markdown.ts";
import { ROOT, Server } from "../../support/servers/server.ts";

const server = await Server.start();
afterAll(() => server[Symbol.asyncDispose]());

async function openapi() {
  return (await fetch(new URL("api/v1/openapi.json", server.url))).json();
}

describe("openapi.json", () => {
  test("has every operation, once, under its own id", async () => {
    const { paths } = await openapi();
    const ids = Object.values<Record<string, { operationId: string }>>(paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(ids.sort()).toEqual(OPERATIONS.map(({ id }) => id).sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("says where its addresses are", async () => {
    const { servers } = await openapi();
    expect(servers).toEqual([{ url: `${server.url}api` }]);
    for (const operation of OPERATIONS) {
      const path = pathOf(operation).replace(/\{\w+\}/g, "1");
      const response = await fetch(servers[0].url + path, { method: "OPTIONS" });
      expect([path, response.status]).toEqual([path, 405]);
      expect(response.headers.get("allow")).toContain(operation.method);
    }
  });

  test("refers to nothing that it does not have", async () => {
    const document = await openapi();
    for (const [, kind = "", name = ""] of JSON.stringify(document).matchAll(
      /"#\/components\/(\w+)\/(\w+)"/g,
    )) {
      expect(document.components[kind]).toHaveProperty(name);
    }
  });
});

test("docs/http.md is what the table says: bun lib/tools/http-docs.ts writes it", async () => {
  expect(await Bun.file(join(ROOT, "docs/http.md")).text()).toBe(markdownOf(OPERATIONS));
});

test("/api/ shows every operation", async () => {
  const response = await fetch(new URL("api/", server.url));
  const text = await response.text();
  for (const { id } of OPERATIONS) expect(text).toContain(`id="${id}"`);
});

test("answers tell how many requests are left, and refusals how long to wait", async () => {
  const { headers } = await fetch(new URL("api/v1/me", server.url));
  expect(headers.get("ratelimit-policy")).toBe('"read";q=400;w=4');
  expect(headers.get("ratelimit")).toMatch(/^"read";r=\d+;t=\d+$/);
});
