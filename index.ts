import { main } from "./lib/cli.ts";

process.exit(await main(process.argv.slice(2)));
