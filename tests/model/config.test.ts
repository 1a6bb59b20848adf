import { PUSH_SERVICES } from "../../lib/model/outbound/push.ts";
import { describe, expect, test } from "bun:test";
import { ConfigError, type Sources, readConfig } from "../../lib/model/config.ts";

const read = (sources: Partial<Sources>) =>
  readConfig({ args: [], env: {}, readToml: () => ({}), ...sources });

describe("settings", () => {
  test("without any, are the contract's defaults", () => {
    expect(read({})).toMatchObject({
      port: 8000,
      host: "0.0.0.0",
      data: "./data",
      database: null,
      broker: null,
      handlers: null,
      failClosed: false,
      basePath: "",
      origins: [],
      trustProxy: [],
      allowOutbound: [],
      push: PUSH_SERVICES,
      limits: true,
      log: "text",
      logLevel: "info",
    });
  });

  test("come from flags, then the environment, then the file", () => {
    const file = { port: 3, host: "file", data: "file" };
    const env = { CHATROOM_PORT: "2", CHATROOM_HOST: "env", CHATROOM_CONFIG: "x.toml" };
    const args = ["--port", "1"];
    expect(read({ args, env, readToml: () => file })).toMatchObject({
      port: 1,
      host: "env",
      data: "file",
    });
  });

  test("a repeatable one comes from one source alone, all of it", () => {
    const readToml = () => ({ origin: ["https://file.example"] });
    const env = {
      CHATROOM_CONFIG: "x.toml",
      CHATROOM_ORIGIN: "https://a.example, https://b.example",
    };
    expect(read({ env, readToml })).toMatchObject({
      origins: ["https://a.example", "https://b.example"],
    });
    const args = ["--origin=https://C.example", "--origin", "https://d.example"];
    expect(read({ args, env, readToml })).toMatchObject({
      origins: ["https://c.example", "https://d.example"],
    });
  });

  test("those Kubernetes sets for a service called chatroom are passed over", () => {
    const env = {
      CHATROOM_PORT: "tcp://10.0.0.1:80",
      CHATROOM_PORT_80_TCP: "tcp://10.0.0.1:80",
      CHATROOM_PORT_80_TCP_ADDR: "10.0.0.1",
      CHATROOM_SERVICE_HOST: "10.0.0.1",
      CHATROOM_SERVICE_PORT: "80",
      CHATROOM_SERVICE_PORT_HTTP: "80",
    };
    expect(read({ env })).toMatchObject({ port: 8000, host: "0.0.0.0" });
  });

  test.each([
    ["https://chat.example.org", "", "https://chat.example.org/"],
    ["https://chat.example.org/", "/chat", "https://chat.example.org/chat/"],
    ["https://Example.org:8443/talk/", "", "https://example.org:8443/talk/"],
    ["https://example.org/talk", "/chat", "https://example.org/talk/"],
  ])("the public address %s over the base path %j is kept as %s", (url, base, kept) => {
    const args = ["--url", url, ...(base === "" ? [] : ["--base-path", base])];
    expect(read({ args })).toHaveProperty("url", kept);
  });

  test.each([["10.0.0.0/8"], ["10.1.2.3"], ["10.0.0.0/32"], ["::1"], ["fd00::/8"], ["::/128"]])(
    "the range %s is one",
    (range) => {
      expect(read({ args: ["--trust-proxy", range] })).toHaveProperty("trustProxy", [range]);
    },
  );

  test("an IPv6 host may be in brackets", () => {
    expect(read({ args: ["--host", "[::1]"] })).toHaveProperty("host", "::1");
  });

  test.each([
    ["/", ""],
    ["/chat", "/chat"],
    ["/chat/", "/chat"],
    ["/a/b-c_d.e~f", "/a/b-c_d.e~f"],
  ])("the base path %s is kept as %j", (given, kept) => {
    expect(read({ args: ["--base-path", given] })).toHaveProperty("basePath", kept);
  });

  test.each([
    ["//"],
    ["/a//b"],
    ["a"],
    [""],
    ["/a?b"],
    ["/a#b"],
    ["/a b"],
    ["/%2e%2e"],
    ["/.."],
    ["/a/./b"],
  ])("the base path %j is none", (given) => {
    expect(read({ args: [`--base-path=${given}`] })).toBeInstanceOf(ConfigError);
  });

  test("PORT, plain, gives way to CHATROOM_PORT and comes before the file", () => {
    expect(read({ env: { PORT: "1", CHATROOM_PORT: "2" } })).toHaveProperty("port", 2);
    expect(read({ env: { CHATROOM_PORT: "2", PORT: "1" } })).toHaveProperty("port", 2);
    const readToml = () => ({ port: 3 });
    expect(read({ env: { PORT: "1", CHATROOM_CONFIG: "x" }, readToml })).toHaveProperty("port", 1);
  });

  test("an empty variable is none", () => {
    expect(read({ env: { CHATROOM_PORT: "", PORT: "" } })).toHaveProperty("port", 8000);
  });

  test.each([
    [{ port: [1, 2] }],
    [{ port: { x: 1 } }],
    [{ port: null }],
    [{ origin: [["https://a.example"]] }],
    [{ __proto__x: 1 }],
    [{ toString: 1 }],
  ])("of a file: %j stops the start", (toml) => {
    const config = read({ args: ["--config", "x.toml"], readToml: () => toml });
    expect(config).toBeInstanceOf(ConfigError);
  });
});
