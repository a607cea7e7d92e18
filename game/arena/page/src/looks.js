// @ts-check
// How pilots are told apart: eight colours that stay apart for colour-blind eyes, and four hulls, so that no two of
// one hull have colours that are alike to anybody (tests/unit/js/looks.test.mjs checks both). A pilot's hue, 0 … 359,
// chooses among them. Nose to the right, about 50 pixels from the middle.

/** @typedef {[number, number][]} Outline */

/** The upper half of an outline, from nose to tail, with its mirror image. @param {Outline} half @returns {Outline} */
const both = (half) => [...half, ...half.map(([x, y]) => /** @type {[number, number]} */ ([x, -y])).reverse()];

/** Dart, lance, fork, kite. */
export const HULLS = [
  both([[50, 0], [14, 12], [-22, 42], [-38, 44], [-28, 14], [-34, 0]]),
  both([[56, 0], [26, 9], [-4, 10], [-12, 30], [-27, 34], [-27, 13], [-48, 21], [-40, 0]]),
  both([[12, 0], [16, 13], [50, 19], [26, 38], [-20, 42], [-42, 22], [-30, 0]]),
  both([[50, 0], [12, 33], [-14, 26], [-44, 36], [-34, 9], [-34, 0]]),
];

/** @typedef {{name: string, css: string, tint: number, pale: number, hull: number}} Look */

/** @param {string} name @param {string} css @param {number} hull @returns {Look} */
function look(name, css, hull) {
  const tint = parseInt(css.slice(1), 16);
  const pale = [16, 8, 0].reduce((sum, shift) => sum | (Math.round(((tint >> shift) & 255) * 0.65 + 89) << shift), 0);
  return { name, css, tint, pale, hull };
}

export const LOOKS = [
  look('red', '#ff5a3c', 0), look('orange', '#f5a21b', 1), look('yellow', '#fff06b', 2), look('green', '#18b890', 1),
  look('sky', '#62cdff', 0), look('blue', '#5f82ff', 3), look('magenta', '#d23cc0', 2), look('pink', '#ffb0dd', 3),
];

/** @param {number} hue */
export const lookOf = (hue) => LOOKS[Math.floor(((((hue % 360) + 360) % 360) * LOOKS.length) / 360)];
/** The hue that stands for a look. @param {number} index */
export const hueOf = (index) => Math.round(((index + 0.5) * 360) / LOOKS.length);

/** A hull as a small mark on the page, nose up. @param {number} hull */
export const markOf = (hull) => MARKS[hull];
const percent = (/** @type {number} */ at) => `${((at + 56) / 1.12).toFixed(1)}%`;
const MARKS = HULLS.map((outline) => `polygon(${outline.map(([x, y]) => `${percent(y)} ${percent(-x)}`).join(', ')})`);

/** Repair, rapid, shield, nova: their signs differ, too. */
export const PICKUPS = ['#5dff9b', '#ffd34d', '#58c8ff', '#ff6be6'];
export const PICKUP_TINTS = PICKUPS.map((css) => parseInt(css.slice(1), 16));
