/** Drawings of the menu that the page itself does not have, on 24 by 24. */
const PATHS = {
  copy: "M8 8h11v12H8z M8 16H5V4h11v4",
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3z M12 15v6",
  delete: "M5 7h14 M10 7V4h4v3 M7 7l1 13h8l1-13",
  flag: "M6 21V4 M6 5c4-3 7 3 12 0v9c-5 3-8-3-12 0",
  unread: "M20 12a8 8 0 1 1-5-7.4 M20 5v.01",
  mute: "M4 10v4h4l5 4V6l-5 4z M17 9l4 6 M21 9l-4 6",
} as const;

export function drawing(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("viewBox", "0 0 24 24");
  const own = Object.entries(PATHS).find(([each]) => each === name)?.[1];
  const part = document.createElementNS(svg.namespaceURI, own ? "path" : "use");
  part.setAttribute(own ? "d" : "href", own ?? `#i-${name}`);
  svg.append(part);
  return svg;
}
