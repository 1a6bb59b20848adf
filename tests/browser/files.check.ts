import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until } from "../support/browser/browser.ts";
import { onCdp, textAt } from "../support/browser/cdp.ts";
import { join } from "../support/people/client.ts";
import { picture, upload } from "../support/files.ts";
import { openRoom, shows, TEXT, type, visit, write } from "../support/browser/page.ts";
import { Server, temporaryFolder } from "../support/servers/server.ts";
import { eventually } from "../support/eventually.ts";

setDefaultTimeout(20_000);

type Given = readonly [name: string, type: string, base64: string];

/** Files in a page, as a paste or a drop brings them. */
const transfer = (...files: readonly Given[]) =>
  `(() => { const data = new DataTransfer(); for (const [name, type, base64] of ${JSON.stringify(files)}) {
    data.items.add(new File([Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))], name, { type })); }
    return data; })()`;
const ATTACHED = `[...document.querySelectorAll("#attached li")].map((each) => each.dataset.state)`;
const NAMES = `[...document.querySelectorAll("#attached bdi")].map((each) => each.textContent)`;
const LAST = `[...document.querySelectorAll("#log [data-seq]")].at(-1)`;
const are = (list: string, ...states: readonly string[]) =>
  `JSON.stringify(${list}) === ${JSON.stringify(JSON.stringify(states))}`;

describe.skipIf(!canBrowse)("files on the page", () => {
  let server: Server;
  let tab: Bun.WebView;
  let png: string;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off", "--upload", "1"] });
    tab = await openRoom(server, "shelf", "Ada");
    png = (await picture(1200, 600)).toBase64();
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });
  const paste = (...files: readonly Given[]) =>
    tab.evaluate(`document.querySelector("#text").dispatchEvent(new ClipboardEvent("paste",
      { clipboardData: ${transfer(...files)}, bubbles: true, cancelable: true }))`);
  const remove = (at: number) =>
    tab.evaluate(`document.querySelectorAll("#attached .icon-button")[${at}].click()`);

  test("a picture that is pasted goes with the text, and keeps its place before it has come", async () => {
    await paste(["图 1.png", "image/png", png]);
    await until(tab, are(ATTACHED, "here"));
    await write(tab, "a picture");
    await until(tab, shows("a picture"));
    expect(await tab.evaluate(are(ATTACHED))).toBe(true);
    const image = `${LAST}.querySelector(".files .picture img")`;
    await until(tab, `${image}.complete && ${image}.naturalWidth === 800`);
    expect(
      await tab.evaluate(
        `(({ alt, width, height, offsetWidth, offsetHeight, parentNode }) => [alt, width, height, offsetWidth, offsetHeight, new URL(parentNode.href).pathname.split("/").at(-1)])(${image})`,
      ),
    ).toEqual(["图 1.png", 400, 200, 400, 200, encodeURIComponent("图 1.png")]);
  });

  test("it opens large, by the keyboard too, and closes to where one was", async () => {
    await tab.evaluate(`${LAST}.querySelector(".picture").focus()`);
    await tab.press("Enter");
    const large = `document.querySelector("#large")`;
    await until(tab, `${large}.open && ${large}.querySelector("img").naturalWidth === 1200`);
    await tab.press("Escape");
    await until(tab, `!${large}.open`);
    await until(tab, `document.activeElement === ${LAST}.querySelector(".picture")`);
  });

  test("several that are dropped go without a word; one that was taken away does not", async () => {
    await tab.evaluate(`document.querySelector("#log").dispatchEvent(new DragEvent("drop",
      { dataTransfer: ${transfer(["a.txt", "text/plain", btoa("a")], ["b.txt", "text/plain", btoa("b")], ["c.html", "text/html", btoa("<b>")])},
        bubbles: true, cancelable: true }))`);
    await until(tab, are(ATTACHED, "here", "here", "here"));
    await remove(1);
    await until(tab, are(NAMES, "a.txt", "c.html"));
    expect(await tab.evaluate(`document.activeElement.id`)).toBe("text");
    await tab.press("Enter");
    await until(tab, `${LAST}?.querySelectorAll(".files .file").length === 2`);
    const names = `[...${LAST}.querySelectorAll(".files bdi")].map((each) => each.textContent)`;
    expect(await tab.evaluate(names)).toEqual(["a.txt", "c.html"]);
    expect(await tab.evaluate(`${LAST}.querySelector(".body").offsetHeight`)).toBe(0);
  });

  test("by the button and the system's own dialog", async () => {
    const folder = await temporaryFolder();
    const path = `${folder}/chosen 文件.txt`;
    await Bun.write(path, "chosen");
    await tab.cdp("Page.enable");
    await tab.cdp("DOM.enable");
    await tab.cdp("Page.setInterceptFileChooserDialog", { enabled: true });
    const asked = Promise.withResolvers<unknown>();
    onCdp(tab, "Page.fileChooserOpened", asked.resolve);
    await tab.click("#attach");
    expect(textAt(await asked.promise, "mode")).toBe("selectMultiple");
    const { root } = await tab.cdp<{ root: { nodeId: number } }>("DOM.getDocument");
    const { nodeId } = await tab.cdp<{ nodeId: number }>("DOM.querySelector", {
      nodeId: root.nodeId,
      selector: "#file",
    });
    await tab.cdp("DOM.setFileInputFiles", { nodeId, files: [path] });
    await until(tab, are(ATTACHED, "here"));
    expect(await tab.evaluate(NAMES)).toEqual(["chosen 文件.txt"]);
    await remove(0);
    await until(tab, are(ATTACHED));
  });

  test("one that is too large is refused before it is sent, and so is an eleventh", async () => {
    const large = Buffer.alloc(1024 * 1024 + 1).toString("base64");
    await paste(["large.bin", "", large]);
    await until(tab, `document.querySelector("#toast").textContent.includes("large.bin")`);
    expect(await tab.evaluate(ATTACHED)).toEqual([]);
    await paste(...Array.from({ length: 11 }, (_, at) => [`${at}`, "", btoa("x")] as const));
    await until(tab, are(ATTACHED, ...new Array<string>(10).fill("here")));
    expect(await tab.evaluate(`document.querySelector("#toast").textContent`)).toContain("10");
    for (let at = 0; at < 10; at += 1) await remove(0);
  });

  test("what is written while a file is on its way goes when that is there", async () => {
    await tab.cdp("Network.enable");
    const line = { offline: false, latency: 0, downloadThroughput: -1 };
    await tab.cdp("Network.emulateNetworkConditions", { ...line, uploadThroughput: 400_000 });
    await paste(["slow.bin", "", Buffer.alloc(600_000).toString("base64")]);
    await until(tab, are(ATTACHED, "sending"));
    await write(tab, "with a slow file");
    expect(await tab.evaluate(ATTACHED)).toEqual(["sending"]);
    expect(await tab.evaluate(TEXT)).toBe("with a slow file");
    await until(tab, shows("with a slow file"));
    expect(await tab.evaluate(`${LAST}.querySelector(".files bdi").textContent`)).toBe("slow.bin");
    expect(await tab.evaluate(TEXT)).toBe("");
    await tab.cdp("Network.emulateNetworkConditions", { ...line, uploadThroughput: -1 });
  });

  test("one that failed says why, holds the message back, and is tried again", async () => {
    await tab.cdp("Network.setBlockedURLs", { urls: ["*/files?*"] });
    await paste(["lost.txt", "", btoa("x")]);
    await until(tab, are(ATTACHED, "failed"));
    expect(await tab.evaluate(`document.querySelector("#attached [role=alert]").textContent`)).toBe(
      "the connection was lost",
    );
    await write(tab, "not without it");
    expect(await tab.evaluate(TEXT)).toBe("not without it");
    await tab.cdp("Network.setBlockedURLs", { urls: [] });
    await tab.evaluate(`document.querySelector("#attached .quiet").click()`);
    await until(tab, are(ATTACHED, "here"));
    await tab.press("Enter");
    await until(tab, shows("not without it"));
  });

  test("a command takes no files along, and text that is pasted with a picture of it is text", async () => {
    await paste(["stays.txt", "", btoa("x")]);
    await until(tab, are(ATTACHED, "here"));
    await write(tab, "/who ");
    await until(tab, `document.querySelector('[data-notice="answer"]') !== null`);
    expect(await tab.evaluate(NAMES)).toEqual(["stays.txt"]);
    const both = `(() => { const data = ${transfer(["cells.png", "image/png", png])}; data.setData("text/plain", "cells"); return data; })()`;
    await tab.evaluate(`document.querySelector("#text").dispatchEvent(new ClipboardEvent("paste",
      { clipboardData: ${both}, bubbles: true, cancelable: true }))`);
    expect(await tab.evaluate(NAMES)).toEqual(["stays.txt"]);
    await remove(0);
  });

  test("someone else's file is named in a reply, in what is found, and in the list of rooms", async () => {
    const { file } = await upload(server, "shelf", "plan.pdf", "%PDF-1.7", {});
    await fetch(new URL("api/v1/rooms/shelf/messages", server.url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "Bo", files: [file.id] }),
    });
    await until(tab, `${LAST}.textContent.includes("plan.pdf")`);
    await tab.evaluate(`${LAST}.focus()`);
    await tab.press("r");
    const context = `document.querySelector("#context").textContent`;
    await until(tab, `${context}.includes("Bo: plan.pdf")`);
    await type(tab, "thanks");
    await tab.press("Enter");
    await until(tab, `${LAST}.querySelector(".quote")?.textContent.includes("plan.pdf")`);
    await tab.evaluate(`document.querySelector("#show-search").click()`);
    await tab.type("plan");
    await until(tab, `document.querySelector("#found")?.textContent.includes("plan.pdf")`);
    await tab.press("Escape");
  });

  test("a sound plays, and a picture is seen by itself, under the policy they come with", async () => {
    const wav = new Uint8Array(44 + 8000).fill(128);
    const view = new DataView(wav.buffer);
    const put = (at: number, text: string) => wav.set(new TextEncoder().encode(text), at);
    put(0, "RIFF____WAVEfmt ");
    view.setUint32(4, wav.length - 8, true);
    // Sixteen bytes follow: PCM, one channel, 8,000 samples a second of one byte each.
    for (const [at, value] of [
      [16, 16],
      [20, 0x0001_0001],
      [24, 8000],
      [28, 8000],
      [32, 0x0008_0001],
      [40, 8000],
    ] as const) {
      view.setUint32(at, value, true);
    }
    put(36, "data");
    await paste(["tone.wav", "audio/wav", wav.toBase64()], ["図.png", "image/png", png]);
    await until(tab, are(ATTACHED, "here", "here"));
    await write(tab, "hear and see");
    await until(tab, shows("hear and see"));
    const audio = `${LAST}.querySelector("audio")`;
    await tab.evaluate(`(${audio}.preload = "metadata")`);
    await until(tab, `${audio}.duration === 1`);
    const address = await tab.evaluate<string>(`${LAST}.querySelector(".picture").href`);
    const room = await tab.evaluate<string>(`location.href`);
    await tab.navigate(address);
    await until(tab, `document.images[0]?.naturalWidth === 1200`);
    await visit(tab, room);
  });

  test("what is in a page or a drawing runs nowhere, opened by itself or in the room", async () => {
    const heard: string[] = [];
    onCdp(tab, "Runtime.bindingCalled", (params) => heard.push(textAt(params, "payload")));
    await tab.cdp("Runtime.enable");
    await tab.cdp("Runtime.addBinding", { name: "report" });
    const script = `<script>window.report && report("ran")</script>`;
    const room = await join(server, "shelf");
    const addresses: string[] = [];
    for (const [name, body] of [
      ["x.svg", `<svg xmlns="http://www.w3.org/2000/svg" onload="report('ran')">${script}</svg>`],
      ["x.html", `<!doctype html><title>ran</title>${script}<img src=x onerror="report('ran')">`],
      ["x.png", `<!doctype html><title>ran</title>${script}`],
      ["x.gif", `GIF89a/*${script}`],
    ] as const) {
      const { file } = await upload(server, "shelf", name, body);
      await fetch(new URL("api/v1/rooms/shelf/messages", server.url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ files: [file.id] }),
      });
      await room.next("message", (message) => message.files?.[0]?.id === file.id);
      addresses.push(new URL(`files/${file.id}/${name}`, server.url).href);
    }
    expect(heard).toEqual([]);
    // In frames of someone's page that has no policy; the last is their own, and runs.
    const html = { "content-type": "text/html" };
    using theirs = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: ({ url }) =>
        new URL(url).pathname === "/own"
          ? new Response(`<script>report("own")</script>`, { headers: html })
          : new Response(
              [...addresses, "/own"].map((src) => `<iframe src="${src}"></iframe>`).join(""),
              { headers: html },
            ),
    });
    await tab.navigate(theirs.url.href);
    // The page has loaded when all of its frames have.
    await until(tab, `document.readyState === "complete"`);
    await eventually(() => heard.includes("own"));
    await room.close();
    expect(heard).toEqual(["own"]);
  });
});
