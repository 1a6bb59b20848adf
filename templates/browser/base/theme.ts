import { prefer, preferences } from "./memory.ts";

/** Puts the choice of light or dark on the page; the styles do the rest. */
export function applyTheme(): void {
  document.documentElement.dataset["theme"] = preferences().theme;
}

export function chooseTheme(theme: "auto" | "light" | "dark"): void {
  prefer({ theme });
  applyTheme();
}
