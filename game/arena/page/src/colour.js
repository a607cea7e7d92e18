// Hues as tints: 0 … 359 degrees to the numbers that Pixi and CSS take. Chosen bright enough for a dark sky.

/** @param {number} hue @param {number} [saturation] @param {number} [lightness] both 0 … 1 */
export function tint(hue, saturation = 0.9, lightness = 0.64) {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const part = (/** @type {number} */ n) => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return (part(0) << 16) | (part(8) << 8) | part(4);
}

const tints = Array.from({ length: 360 }, (_, hue) => tint(hue));
const pales = Array.from({ length: 360 }, (_, hue) => tint(hue, 1, 0.82));

/** A ship's own colour. @param {number} hue */
export const hueTint = (hue) => tints[((hue % 360) + 360) % 360 | 0];
/** The same, near white: for what glows hottest. @param {number} hue */
export const huePale = (hue) => pales[((hue % 360) + 360) % 360 | 0];
/** For the page. @param {number} hue */
export const hueCss = (hue) => `hsl(${hue} 92% 68%)`;

export const SWATCHES = [188, 208, 228, 262, 292, 322, 350, 14, 34, 52, 96, 150];
export const PICKUP_TINTS = [0x5dff9b, 0xffd34d, 0x58c8ff, 0xff6be6]; // repair, rapid, shield, nova
