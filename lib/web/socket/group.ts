/** Bytes of frames that go out as one: far below what may wait for a reader. */
const GROUP_LIMIT = 64 * 1024;

/** JSON texts of frames: one as it is, several as arrays of what fits into a group. */
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
