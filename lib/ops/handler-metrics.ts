import type { HandlerState } from "../model/handlers/handler.ts";

/** What was counted of each handler, as Prometheus text; empty where there is none. */
export function handlerMetrics(handlers: readonly HandlerState[]): string {
  if (handlers.length === 0) return "";
  const lines: string[] = [];
  const add = (name: string, type: "counter" | "gauge", of: (state: HandlerState) => number) => {
    lines.push(`# TYPE chatroom_handler_${name} ${type}`);
    for (const state of handlers) {
      const label = state.name
        .replaceAll("\\", "\\\\")
        .replaceAll('"', '\\"')
        .replaceAll("\n", "\\n");
      lines.push(`chatroom_handler_${name}{handler="${label}"} ${of(state)}`);
    }
  };
  add("up", "gauge", ({ state }) => (state === "loaded" ? 1 : 0));
  add("calls_total", "counter", ({ calls }) => calls);
  add("faults_total", "counter", ({ faults }) => faults);
  add("stops_total", "counter", ({ stops }) => stops);
  add("seconds_total", "counter", ({ ms }) => ms / 1_000);
  return `${lines.join("\n")}\n`;
}
