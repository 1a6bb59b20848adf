/** What is fetched when something opens over the page for the first time. */
export { openHelp, openSettings } from "./settings.ts";
export { Switcher } from "./switcher.ts";
