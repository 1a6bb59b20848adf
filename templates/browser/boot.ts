import { applyTheme } from "./base/theme.ts";
import { changeAccount } from "./net/leaving.ts";

changeAccount(document.currentScript?.dataset["account"] ?? "");

// Before the first paint, so that nothing flashes: light or dark, and what is only for scripts.
applyTheme();
document.documentElement.classList.add("js");
