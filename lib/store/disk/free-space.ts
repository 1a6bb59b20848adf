/** Bytes of a disk that everything but messages leaves free: a chat that cannot commit is no chat. */
export const MESSAGE_RESERVE = 256 * 1024 * 1024;

/** Bytes our own user may still write to the disk that holds `path`, which must exist. */
export async function freeSpace(path: string): Promise<number> {
  // Loaded when it is first asked: until then it would be 2 MB of memory for nothing.
  const { statfs } = await import("node:fs/promises");
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
