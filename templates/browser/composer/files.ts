/** What is fetched when it is needed first: uploading files, and looking at pictures. */
export { Attachments, uploadFile } from "./upload.ts";
export { openLarge } from "../log/large.ts";
