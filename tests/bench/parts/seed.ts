import { DIALECTS } from "./dialects.ts";
import { enterAll, Member } from "./member.ts";

/** Posts `count` messages into a room by its WebSocket, and waits until all are back. */
export async function seed(port: number, room: string, count: number): Promise<void> {
  const member = new Member(DIALECTS.chat, 99_999, room);
  await enterAll([member], port, 10);
  const most = Math.min(count, 2_048);
  while (member.acknowledged < count) {
    if (member.closed) throw new Error("the server closed the connection while seeding");
    const left = count - member.sent;
    const room = most - (member.sent - member.acknowledged);
    member.send(Math.min(left, room));
    await new Promise((resolve) => setImmediate(resolve));
  }
  member.client.close();
}

/** Bytes of one `message` frame, as it is when the room's `seq` has six digits. */
export async function frameSize(port: number): Promise<number> {
  const member = new Member(DIALECTS.chat, 0, "size");
  const size = Promise.withResolvers<number>();
  member.onMessage = (_bytes, start, end) => size.resolve(end - start);
  await enterAll([member], port, 10);
  member.send(1);
  const bytes = await size.promise;
  member.client.close();
  return bytes + 5;
}
