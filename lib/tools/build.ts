/**
 * The standalone executable. `bun run build [--target bun-linux-arm64] [--outfile FILE]` makes one;
 * `bun run build --all` makes one for every system, each from this machine, and `SHA256SUMS`.
 * The flags keep a `.env` or `bunfig.toml` of the folder it is started in out of the program.
 */
import { rm } from "node:fs/promises";
import { parseArgs } from "node:util";

/**
 * What people may download: file by target. Bun fetches what it needs of a system it has not met.
 * None for musl: Bun's own needs a C++ library there, which would be a second thing to install.
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

/** The exit code: 0 where the file is there. */
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

/** In the form that `sha256sum --check` reads. */
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
