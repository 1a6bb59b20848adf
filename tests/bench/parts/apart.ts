/** Runs a module of this folder in a process of its own: JSON in as its argument, JSON out. */
export async function apart<Result>(file: string, spec: unknown): Promise<Result> {
  const child = Bun.spawn([process.execPath, file, JSON.stringify(spec)], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, fault] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(fault.trim().split("\n").at(-1) ?? "failed");
  const result: Result = JSON.parse(output);
  return result;
}

/** The other end of `apart`: ends the process, open sockets or not. */
export async function answerApart<Spec>(work: (spec: Spec) => Promise<unknown>): Promise<never> {
  try {
    const spec: Spec = JSON.parse(process.argv[2] ?? "{}");
    await Bun.write(Bun.stdout, JSON.stringify(await work(spec)));
    process.exit(0);
  } catch (fault) {
    console.error(fault instanceof Error ? fault.message : fault);
    process.exit(1);
  }
}
