/** The most bytes of frames sent as one: far below the limit of waiting bytes. */
const GROUP_LIMIT = 64 * 1024;

/** Encodes frames as JSON: one as an object, several as arrays of up to `GROUP_LIMIT` bytes. */
export function grouped(frames: readonly object[]): string[] {
  const groups: string[] = [];
  let group: string[] = [];
  let size = 0;
  const close = () => {
    const [only] = group;
    if (only !== undefined) groups.push(group.length === 1 ? only : `[${group.join(",")}]`);
    group = [];
    size = 0;
  };
  for (const frame of frames) {
    const json = JSON.stringify(frame);
    if (size + json.length > GROUP_LIMIT) close();
    group.push(json);
    size += json.length;
  }
  close();
  return groups;
}
