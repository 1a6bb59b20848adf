import { readFileSync } from "node:fs";

/** Clock ticks a second in /proc; Linux has shown 100 to every program since 2.6 (USER_HZ). */
const TICKS = 100;

/** Seconds of processor time that a process and its threads have used, in user mode and kernel. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

export interface Resident {
  /** All resident memory, in bytes. */
  readonly all: number;
  /** What is not a file's: the kernel cannot take it back. */
  readonly own: number;
}

export function resident(pid: number): Resident {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const bytes = (name: string) => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
    if (kilobytes === undefined) throw new Error(`no ${name} of process ${pid}`);
    return Number(kilobytes) * 1024;
  };
  return { all: bytes("VmRSS"), own: bytes("RssAnon") };
}

/**
 * Takes a file out of the page cache. Of a program that was just written the kernel maps pieces many
 * times larger than of one that was read from the disk, and counts them as resident.
 */
export function dropFromCache(path: string): void {
  Bun.spawnSync(["dd", `if=${path}`, "iflag=nocache", "count=0", "status=none"]);
}

/** Seconds of processor time that the whole machine has used since it started. */
export function busySeconds(): number {
  const line = readFileSync("/proc/stat", "latin1").split("\n", 1)[0] ?? "";
  const [user, nice, system, , , irq, softirq] = line.split(/\s+/).slice(1).map(Number);
  const ticks = [user, nice, system, irq, softirq].reduce<number>((sum, n) => sum + (n ?? 0), 0);
  return ticks / TICKS;
}

/** Resolves when nothing else has kept the machine busy for a second, or after `seconds` at most. */
export async function atRest(seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    const before = busySeconds();
    await Bun.sleep(1_000);
    if (busySeconds() - before < 0.15) return;
  }
}
