/**
 * The program of the thread that `SlowReader` starts. Answers each question with rows or an error.
 * It is read as text and imports nothing of ours, so that the standalone executable can start it
 * too: `bun build --compile` does not bundle files that only a `Worker` names.
 */
import { Database, type SQLQueryBindings, type Statement } from "bun:sqlite";
import { parentPort } from "node:worker_threads";

interface Question {
  readonly id: number;
  readonly path: string;
  readonly sql: string;
  readonly values: SQLQueryBindings[];
}

let db: Database | null = null;
const statements = new Map<string, Statement>();

function prepare({ path, sql }: Question): Statement {
  db ??= new Database(path, { readonly: true });
  const known = statements.get(sql);
  if (known) return known;
  const statement = db.prepare(sql);
  statements.set(sql, statement);
  return statement;
}

parentPort?.on("message", (question: Question) => {
  const { id, values } = question;
  try {
    parentPort?.postMessage({ id, rows: prepare(question).all(...values) });
  } catch (fault) {
    parentPort?.postMessage({ id, fault: String(fault) });
  }
});

/** Importers read this file as text and get its source instead. */
export default "";
