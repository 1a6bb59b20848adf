/** What is fetched when it is first needed: uploading files, looking at pictures, and emoji. */
export { Attachments, uploadFile } from "./upload.ts";
export { emojiNamed, findEmoji, toned } from "./emoji.ts";
export { EmojiPanel } from "./emoji-panel.ts";
export { openLarge } from "../log/large.ts";
