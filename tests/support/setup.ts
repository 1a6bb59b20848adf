import { setDefaultTimeout } from "bun:test";

// Loaded before the tests (bunfig.toml). Five seconds, the default, are too few where one machine
// does several things at once.
setDefaultTimeout(20_000);
