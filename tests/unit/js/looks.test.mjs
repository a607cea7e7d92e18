// Pilots can be told apart by colour-blind eyes, too: the arena's colours as they are seen with each of the common
// deficiencies (Machado, Oliveira, Fernandes 2009, at full severity), and how far apart they are in CIELAB.
import assert from 'node:assert/strict';
import test from 'node:test';
import { HULLS, LOOKS, hueOf, lookOf } from '../../../game/arena/page/src/looks.js';

const APART = 10; // any two: about four just noticeable differences
const APART_ALIKE = 45; // two that share a hull
const CONTRAST = 4.5; // against the dark of space
const EYES = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

const linear = (css) => [1, 3, 5].map((at) => parseInt(css.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
const seen = (css, eye) => eye.map((row) => Math.min(1, Math.max(0, row.reduce((sum, part, i) => sum + part * linear(css)[i], 0))));
function lab([r, g, b]) {
  const xyz = [(0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047, 0.2126 * r + 0.7152 * g + 0.0722 * b, (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883];
  const [x, y, z] = xyz.map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
const light = (css) => linear(css).reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);

for (const [name, eye] of Object.entries(EYES)) {
  test(`colours stay apart: ${name}`, () => {
    LOOKS.forEach((a, i) => LOOKS.slice(i + 1).forEach((b) => {
      const [from, to] = [lab(seen(a.css, eye)), lab(seen(b.css, eye))];
      const apart = Math.hypot(...from.map((value, k) => value - to[k]));
      assert.ok(apart >= (a.hull === b.hull ? APART_ALIKE : APART), `${a.name} and ${b.name}: ${apart.toFixed(1)}`);
    }));
  });
}

test('all are bright enough on the dark', () => {
  for (const { name, css } of LOOKS) assert.ok((light(css) + 0.05) / (light('#04060f') + 0.05) >= CONTRAST, name);
});

test('every hue has a look, and every look a hue', () => {
  for (let hue = -360; hue < 720; hue++) assert.ok(lookOf(hue), String(hue));
  LOOKS.forEach((look, i) => assert.equal(lookOf(hueOf(i)), look));
  for (const { hull } of LOOKS) assert.ok(HULLS[hull]);
});
