/** Loaded when one of them is first opened. */
export { openHelp, openSettings } from "./settings.ts";
export { Switcher } from "./switcher.ts";
