/** Loaded on first use: uploads, large pictures and emoji. */
export { Attachments, uploadFile } from "./upload.ts";
export { emojiNamed, findEmoji, toned } from "./emoji.ts";
export { EmojiPanel } from "./emoji-panel.ts";
export { openLarge } from "./large.ts";
