/** What may follow in an address: anything but white space, quotes and full-width marks. */
const TAIL = String.raw`[^\s<>"` + "`" + String.raw`\u3000-\u303f\uff00-\uff0f\uff1a-\uff20“”‘’]`;
/** Top levels that make a bare name an address: common ones that are neither a word nor a file's ending. */
const TOP_LEVELS =
  "com|org|net|edu|gov|io|dev|app|info|biz|xyz|cn|hk|tw|jp|kr|uk|de|fr|eu|ca|au|ru|nl|se|ch|es|pl|br|ai";
const LABELS = String.raw`(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}`;
/** An address with its scheme; one without, as people write it; a mail address. Each begins a word. */
export const BARE_URL = new RegExp(
  [
    String.raw`\bhttps?:\/\/${TAIL}+`,
    String.raw`(?<![\w.+@/:-])[\w.+-]{1,64}@${LABELS}[a-z]{2,24}\b(?![\w@-])`,
    String.raw`(?<![\w.+@/:-])(?:www\.${LABELS}[a-z]{2,24}|${LABELS}(?:${TOP_LEVELS}))\b(?![\w@-])(?::\d{1,5})?(?:[/?#]${TAIL}*)?`,
  ].join("|"),
  "gi",
);

/** The address that something written without a scheme means. */
export function withScheme(written: string): string {
  if (/^https?:\/\//i.test(written)) return written;
  return /^[^/?#]*@/.test(written) ? `mailto:${written}` : `https://${written}`;
}
