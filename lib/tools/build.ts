/**
 * Builds the standalone executable. `bun run build [--target bun-linux-arm64] [--outfile FILE]`
 * builds one; `bun run build --all` builds one for every system, all on this machine, and
 * `SHA256SUMS`. The flags keep the executable from reading a `.env` or `bunfig.toml` in its working
 * folder.
 */
import { rm } from "node:fs/promises";
import { parseArgs } from "node:util";

/**
 * The released files, by target. Bun downloads what it needs for other systems. None for musl,
 * where Bun needs a C++ library that would have to be installed.
 */
const RELEASE: Readonly<Record<string, string>> = {
  "bun-linux-x64-baseline": "chatroom-linux-x64",
  "bun-linux-arm64": "chatroom-linux-arm64",
  "bun-darwin-x64": "chatroom-macos-x64",
  "bun-darwin-arm64": "chatroom-macos-arm64",
  "bun-windows-x64-baseline": "chatroom-windows-x64.exe",
};

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    outfile: { type: "string", default: "dist/chatroom" },
    all: { type: "boolean", default: false },
  },
});

/** Returns the exit code. */
function build(outfile: string, target: string | undefined): number {
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
    `--outfile=${outfile}`,
    ...(target === undefined ? [] : [`--target=${target}`]),
  ];
  return Bun.spawnSync(command, { stdio: ["ignore", "inherit", "inherit"] }).exitCode;
}

/** In the format of `sha256sum --check`. */
async function checksum(file: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(`dist/${file}`).stream()) hasher.update(chunk);
  return `${hasher.digest("hex")}  ${file}\n`;
}

async function release(): Promise<number> {
  const sums: string[] = [];
  for (const [target, file] of Object.entries(RELEASE)) {
    const code = build(`dist/${file}`, target);
    if (code !== 0) return code;
    sums.push(await checksum(file));
  }
  await Bun.write("dist/SHA256SUMS", sums.join(""));
  return 0;
}

await rm("dist/SHA256SUMS", { force: true });
process.exitCode = values.all ? await release() : build(values.outfile, values.target);
