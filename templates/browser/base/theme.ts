import { prefer, preferences } from "./memory.ts";

/** Applies the chosen theme; the styles do the rest. */
export function applyTheme(): void {
  document.documentElement.dataset["theme"] = preferences().theme;
}

export function chooseTheme(theme: "auto" | "light" | "dark"): void {
  prefer({ theme });
  applyTheme();
}
