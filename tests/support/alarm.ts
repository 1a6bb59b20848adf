import { onCdp, textAt, watchRequests } from "./browser/cdp.ts";

/** Elements that a message's text may be made of, and attributes that they may have. */
const ELEMENTS = "P BR STRONG EM DEL CODE PRE BLOCKQUOTE UL OL LI A SPAN SMALL";
const ATTRIBUTES = "href target rel class start role tabindex title aria-label";
/** In every document before anything of it is read: what a payload calls, and what the policy stops. */
const ARM = `window.hit = () => { report("ran"); };
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  report("stopped by the policy: " + violatedDirective + " " + blockedURI), true);`;

/** In a page: everything between the first of each text's own elements and its end. */
const FOREIGN = `(root) => [
  ...[...root.querySelectorAll(".body *, .said *, .quote bdi *, .name *, #topic *, #people bdi *")].filter((each) =>
    !"${ELEMENTS}".split(" ").includes(each.tagName)
    || [...each.attributes].some(({ name }) => !"${ATTRIBUTES}".split(" ").includes(name))),
  ...[...root.querySelectorAll("body *")].filter((each) =>
    /^(script|iframe|object|embed|video|audio|style|base|meta|math|marquee)$/i.test(each.tagName)
    // The page has some of its own, without attributes.
    || (each.tagName === "DETAILS" && each.attributes.length > 0 && !/^open$/.test([...each.attributes].map(({ name }) => name).join()))
    || [...each.attributes].some(({ name, value }) => /^on|^srcdoc$/.test(name)
      || (name === "style" && each.id !== "text")
      || (/^(href|src|action|formaction|xlink:href)$/.test(name) && !/^(https?:|mailto:|[#./]|$|\\w+\\/)/.test(value)))),
].map((each) => each.outerHTML.slice(0, 200))`;

/** Hears whatever a page does that it should not. */
export interface Alarm {
  /** What ran, what the policy had to stop, what asked something with a dialog. */
  readonly heard: string[];
  /** Every address that was asked for. */
  readonly addresses: string[];
  /** What is in the page, and in the same page as the server sends it, that no text may become. */
  foreign(): Promise<readonly string[]>;
  /** Points at everything, and presses what is no link. */
  poke(): Promise<void>;
}

/** The tab has been somewhere before. */
export async function arm(tab: Bun.WebView): Promise<Alarm> {
  const heard: string[] = [];
  onCdp(tab, "Runtime.bindingCalled", (params) => heard.push(textAt(params, "payload")));
  onCdp(tab, "Page.javascriptDialogOpening", (params) => {
    heard.push(`a dialog: ${textAt(params, "message")}`);
  });
  await tab.cdp("Page.enable");
  await tab.cdp("Runtime.enable");
  await tab.cdp("Runtime.addBinding", { name: "report" });
  await tab.cdp("Page.addScriptToEvaluateOnNewDocument", { source: ARM });
  return {
    heard,
    addresses: await watchRequests(tab),
    async foreign() {
      const asSent = `fetch(location.href).then((answer) => answer.text())
        .then((html) => new DOMParser().parseFromString(html, "text/html"))`;
      return tab.evaluate<string[]>(
        `${asSent}.then((sent) => [...(${FOREIGN})(document), ...(${FOREIGN})(sent)])`,
      );
    },
    async poke() {
      await tab.evaluate(`(() => { for (const each of document.querySelectorAll("#log *, #topic, #people *")) {
        for (const type of ["mouseover", "focus", "click", "toggle", "load", "error"]) {
          if (type !== "click" || !each.closest("a, button")) each.dispatchEvent(new Event(type, { bubbles: type === "click" }));
        }
      } })()`);
    },
  };
}
