import { qrCode } from "./code.ts";

/** A QR code, black on white with four light modules around it; null for what is too long. */
export function drawn(text: string, label: string): Node | null {
  const code = qrCode(text);
  if (!code) return null;
  const size = code.length + 8;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const dark = document.createElementNS(svg.namespaceURI, "path");
  const modules = code.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? `M${x + 4} ${y + 4}h1v1h-1z` : [])),
  );
  dark.setAttribute("d", modules.join(""));
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.append(dark);
  return svg;
}
