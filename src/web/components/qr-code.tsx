import { encode } from "uqr";

/** Modules of empty space around the code: ISO/IEC 18004 asks for four. */
const QUIET_ZONE = 4;

/** A QR code as one path, so that it is sharp at any size. */
export const QrCode = ({ text, label }: { text: string; label: string }) => {
  const { size, data } = encode(text, { ecc: "M", border: QUIET_ZONE });
  const path = data
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} data-testid="qr">
      <path d={path} fill="currentColor" shape-rendering="crispEdges" />
    </svg>
  );
};
