/** `bun lib/tools/http-docs.ts` writes docs/http.md from the table of the HTTP API. */
import { join } from "node:path";
import { OPERATIONS } from "../web/api/routes.ts";
import { markdownOf } from "../web/openapi/markdown.ts";

await Bun.write(join(import.meta.dir, "../../docs/http.md"), markdownOf(OPERATIONS));
