/** Bytes of a disk that are reserved for messages. */
export const MESSAGE_RESERVE = 256 * 1024 * 1024;

/** The free bytes available to our user on the disk of `path`, which must exist. */
export async function freeSpace(path: string): Promise<number> {
  // Loaded on demand, to save 2 MB of memory.
  const { statfs } = await import("node:fs/promises");
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
