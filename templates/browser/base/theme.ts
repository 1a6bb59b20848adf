import { type Preferences, prefer, preferences } from "./memory.ts";

/** Applies the chosen looks; the styles do the rest. */
export function applyTheme(): void {
  const { theme, size, density } = preferences();
  Object.assign(document.documentElement.dataset, { theme, size, density });
}

export function chooseLooks(
  change: Partial<Pick<Preferences, "theme" | "size" | "density">>,
): void {
  prefer(change);
  applyTheme();
}

export function chooseTheme(theme: Preferences["theme"]): void {
  chooseLooks({ theme });
}
