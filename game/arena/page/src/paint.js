// @ts-check
// How each small picture is painted: ships, flames, shots, rings, pick-ups, letters. Origin in the middle, nose to the
// right, white where a tint will colour it.

/** @typedef {CanvasRenderingContext2D} C */

const white = (/** @type {number} */ alpha) => `rgba(255,255,255,${alpha})`;

/** A soft ball of light. @param {C} c @param {number} radius */
export function paintGlow(c, radius) {
  const light = c.createRadialGradient(0, 0, 0, 0, 0, radius);
  for (const [at, alpha] of [[0, 1], [0.12, 0.72], [0.32, 0.28], [0.6, 0.08], [1, 0]]) light.addColorStop(at, white(alpha));
  c.fillStyle = light;
  c.fillRect(-radius, -radius, radius * 2, radius * 2);
}

/** A streak that a particle flies as. @param {C} c */
export function paintSpark(c) {
  c.scale(2.6, 0.75);
  paintGlow(c, 12);
}

/** @param {C} c @param {[number, number][]} points */
function path(c, points) {
  c.beginPath();
  points.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
  c.closePath();
}

/** A hull: bright rim, the flank away from the light in shade, a dark canopy. @param {C} c @param {[number, number][]} outline */
export function paintHull(c, outline) {
  c.lineJoin = 'round';
  const body = c.createLinearGradient(-40, 0, 50, 0);
  for (const [at, colour] of /** @type {[number, string][]} */ ([[0, 'rgb(104,112,140)'], [0.55, 'rgb(188,196,218)'], [1, 'rgb(255,255,255)']])) body.addColorStop(at, colour);
  path(c, outline);
  c.fillStyle = body;
  c.fill();
  c.save();
  c.clip();
  path(c, [[60, 2], [-60, 2], [-60, 60], [60, 60]]);
  c.fillStyle = 'rgba(10,14,34,.3)';
  c.fill();
  c.restore();
  path(c, outline);
  c.strokeStyle = white(1);
  c.lineWidth = 4;
  c.stroke();
  path(c, [[22, 0], [4, 7], [-12, 5], [-12, -5], [4, -7]]);
  c.fillStyle = 'rgba(8,12,30,.9)';
  c.fill();
  c.strokeStyle = white(0.65);
  c.lineWidth = 1.6;
  c.stroke();
}

/** What burns behind a thrusting ship; its hot end right. @param {C} c */
export function paintFlame(c) {
  const fire = c.createLinearGradient(-62, 0, 62, 0);
  for (const [at, alpha] of [[0, 0], [0.45, 0.25], [0.85, 0.85], [1, 0]]) fire.addColorStop(at, white(alpha));
  c.fillStyle = fire;
  c.beginPath();
  c.moveTo(-62, 0);
  c.quadraticCurveTo(30, -26, 60, 0);
  c.quadraticCurveTo(30, 26, -62, 0);
  c.filter = 'blur(3px)';
  c.fill();
}

/** A bolt: a white-hot core in a halo, tail to the left. @param {C} c */
export function paintShot(c) {
  c.save();
  c.scale(2.3, 0.95);
  c.globalAlpha = 0.75;
  paintGlow(c, 20);
  c.restore();
  const core = c.createLinearGradient(-34, 0, 34, 0);
  core.addColorStop(0, white(0));
  core.addColorStop(0.7, white(1));
  core.addColorStop(1, white(1));
  c.strokeStyle = core;
  c.lineWidth = 6;
  c.lineCap = 'round';
  c.beginPath();
  c.moveTo(-30, 0);
  c.lineTo(28, 0);
  c.stroke();
}

/** A ring of light; with `soft` filled like a bubble. @param {C} c @param {number} radius @param {boolean} [soft] */
export function paintRing(c, radius, soft = false) {
  const inner = soft ? 0.45 : 0.7;
  const light = c.createRadialGradient(0, 0, radius * inner, 0, 0, radius);
  light.addColorStop(0, white(0));
  light.addColorStop(0.72, white(soft ? 0.16 : 0.22));
  light.addColorStop(0.9, white(0.95));
  light.addColorStop(1, white(0));
  c.fillStyle = light;
  c.fillRect(-radius, -radius, radius * 2, radius * 2);
}

/** A splinter of rock. @param {C} c */
export function paintShard(c) {
  path(c, [[11, -2], [2, 10], [-10, 4], [-7, -9]]);
  c.fillStyle = white(1);
  c.fill();
}

/** Part of a circle around a ship, from its left over the top: how much hull is left. @param {C} c @param {number} part */
export function paintArc(c, part) {
  const [from, reach] = [Math.PI * 0.75, Math.PI * 1.5];
  c.lineCap = 'round';
  c.lineWidth = 5;
  c.strokeStyle = 'rgba(255,255,255,.16)';
  c.beginPath();
  c.arc(0, 0, 50, from, from + reach);
  c.stroke();
  if (part <= 0) return;
  c.strokeStyle = white(0.95);
  c.beginPath();
  c.arc(0, 0, 50, from, from + reach * part);
  c.stroke();
}

/** The sign of a pick-up in its frame: told apart by shape as well as by colour. @param {C} c @param {number} type */
export function paintPickup(c, type) {
  c.lineJoin = c.lineCap = 'round';
  const points = Array.from({ length: 6 }, (_, i) => /** @type {[number, number]} */ (
    [Math.cos((i * Math.PI) / 3 + Math.PI / 6) * 40, Math.sin((i * Math.PI) / 3 + Math.PI / 6) * 40]));
  path(c, points);
  c.fillStyle = 'rgba(20,26,52,.82)';
  c.fill();
  c.strokeStyle = white(0.9);
  c.lineWidth = 4;
  c.stroke();
  c.lineWidth = 7;
  c.strokeStyle = c.fillStyle = white(1);
  SIGNS[type](c);
}

/** @type {((c: C) => void)[]} repair, rapid, shield, nova */
const SIGNS = [
  (c) => lines(c, [[[-17, 0], [17, 0]], [[0, -17], [0, 17]]]),
  (c) => lines(c, [[[-15, -14], [-1, 0], [-15, 14]], [[3, -14], [17, 0], [3, 14]]]),
  (c) => { lines(c, [[[0, -19], [16, -12], [14, 7], [0, 19], [-14, 7], [-16, -12], [0, -19]]]); },
  (c) => {
    for (let i = 0; i < 8; i++) {
      const [x, y] = [Math.cos((i * Math.PI) / 4), Math.sin((i * Math.PI) / 4)];
      lines(c, [[[x * 9, y * 9], [x * (i % 2 ? 15 : 20), y * (i % 2 ? 15 : 20)]]]);
    }
  },
];

/** @param {C} c @param {number[][][]} strokes */
function lines(c, strokes) {
  for (const stroke of strokes) {
    c.beginPath();
    stroke.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
    c.stroke();
  }
}

const FONT = '600 26px Inter, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
const RIM = 3; // dark, around each letter, so that it can be read before anything
const BASELINE = 9; // below the middle
const LETTER_WIDTH_MAX = 500;
export const LETTER_HEIGHT = 42;

/** How far the next letter is from this one. @param {{width: number}} frame of a letter */
export const letterStep = (frame) => frame.width - 2 * RIM;

/** @param {C} c @param {string} letter */
export function letterWidth(c, letter) {
  c.font = FONT;
  return Math.min(LETTER_WIDTH_MAX, Math.round(c.measureText(letter).width)) + 2 * RIM;
}

/** @param {C} c @param {string} letter */
export function paintLetter(c, letter) {
  Object.assign(c, { font: FONT, textAlign: 'center', lineJoin: 'round', lineWidth: 2 * RIM, strokeStyle: '#04060f', fillStyle: white(1) });
  c.strokeText(letter, 0, BASELINE);
  c.fillText(letter, 0, BASELINE);
}
