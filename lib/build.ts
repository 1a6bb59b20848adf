/**
 * `bun run build [--target bun-linux-arm64] [--outfile FILE]`: the standalone executable.
 * The flags keep a `.env` or `bunfig.toml` of the folder it is started in out of the program.
 */
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    outfile: { type: "string", default: "dist/chatroom" },
  },
});

const command = [
  process.execPath,
  "build",
  "./index.ts",
  "--compile",
  "--minify",
  "--sourcemap",
  "--bytecode",
  "--format=esm",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
  `--outfile=${values.outfile}`,
  ...(values.target === undefined ? [] : [`--target=${values.target}`]),
];
const build = Bun.spawnSync(command, { stdio: ["ignore", "inherit", "inherit"] });
process.exitCode = build.exitCode;
