import { applyTheme } from "./base/theme.ts";
import { changeAccount } from "./net/account-change.ts";

changeAccount(document.currentScript?.dataset["account"] ?? "");

// Before the first paint: the theme, and what only scripts show.
applyTheme();
document.documentElement.classList.add("js");
