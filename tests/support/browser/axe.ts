import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Of axe-core, Deque's rules for pages that everyone can use; fetched for the tests, kept between runs. */
const VERSION = "4.14.1";
const FETCH_LIMIT_MS = 60_000;

/** A rule that is broken, and where: selectors of the elements. */
export interface Finding {
  readonly rule: string;
  readonly impact: string;
  readonly help: string;
  readonly where: readonly string[];
}

/** The source of axe-core, or null where it cannot be fetched. In CI it must be: that throws. */
export async function fetchAxe(): Promise<string | null> {
  const folder = join(tmpdir(), `chatroom-axe-${VERSION}`);
  const file = join(folder, "node_modules/axe-core/axe.min.js");
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true });
    await Bun.write(join(folder, "package.json"), "{}");
    const command = [process.execPath, "add", "--cwd", folder, `axe-core@${VERSION}`];
    const child = Bun.spawn(command, {
      cwd: folder,
      stdout: "ignore",
      stderr: "pipe",
      timeout: FETCH_LIMIT_MS,
    });
    const said = await new Response(child.stderr).text();
    if ((await child.exited) !== 0 || !existsSync(file)) {
      if (process.env["CI"] === "true") throw new Error(`axe-core was not fetched:\n${said}`);
      console.warn("axe-core cannot be fetched: what needs it is skipped.");
      return null;
    }
  }
  return Bun.file(file).text();
}

/**
 * What axe-core finds serious or critical in the page as it stands now. The protocol puts it there:
 * the page's own policy would let no such script in. `rules`: these alone; all of them without it.
 */
export async function findings(
  tab: Bun.WebView,
  axe: string,
  rules?: readonly string[],
): Promise<readonly Finding[]> {
  if ((await tab.evaluate(`typeof axe`)) === "undefined")
    await tab.evaluate(`(() => { ${axe}\n })()`);
  const only = rules ? `runOnly: { type: "rule", values: ${JSON.stringify(rules)} },` : "";
  return tab.evaluate<Finding[]>(
    `axe.run({ ${only} resultTypes: ["violations"] }).then(({ violations }) => violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, impact, help, nodes }) => ({ rule: id, impact, help,
        where: nodes.map(({ target, any }) => [target.join(" "), ...any.map((each) => each.message)].join(": ")) })))`,
  );
}
