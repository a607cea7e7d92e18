// @ts-check
// How rocks are painted: irregular outlines, lit from the upper left, with craters; each shape from its own seed.

/** A small generator, so that shape 3 is the same rock on every screen. @param {number} seed */
function dice(seed) {
  let state = (seed + 1) * 0x9e3779b1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 0x100000000;
  };
}

/** @param {() => number} roll @param {number} radius @returns {[number, number][]} */
function outline(roll, radius) {
  const corners = 11 + Math.floor(roll() * 4);
  return Array.from({ length: corners }, (_, i) => {
    const angle = ((i + roll() * 0.5) / corners) * Math.PI * 2;
    const far = radius * (0.8 + roll() * 0.2);
    return [Math.cos(angle) * far, Math.sin(angle) * far];
  });
}

/** @param {CanvasRenderingContext2D} c @param {[number, number][]} points */
function trace(c, points) {
  c.beginPath();
  points.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
  c.closePath();
}

/** @param {CanvasRenderingContext2D} c @param {() => number} roll @param {number} radius */
function crater(c, roll, radius) {
  const angle = roll() * Math.PI * 2;
  const far = radius * (0.1 + roll() * 0.5);
  const [x, y, size] = [Math.cos(angle) * far, Math.sin(angle) * far, radius * (0.09 + roll() * 0.14)];
  c.fillStyle = 'rgba(8,11,26,.42)';
  c.beginPath();
  c.ellipse(x, y, size, size * 0.8, angle, 0, Math.PI * 2);
  c.fill();
  c.strokeStyle = 'rgba(190,205,255,.2)';
  c.lineWidth = 2.5;
  c.beginPath();
  c.ellipse(x, y, size, size * 0.8, angle, 0.2, Math.PI * 0.9);
  c.stroke();
}

/** @param {CanvasRenderingContext2D} c @param {number} seed @param {number} radius */
export function paintRock(c, seed, radius) {
  const roll = dice(seed);
  const points = outline(roll, radius);
  c.lineJoin = 'round';
  trace(c, points);
  const stone = c.createRadialGradient(-radius * 0.3, -radius * 0.35, radius * 0.1, 0, 0, radius * 1.05);
  stone.addColorStop(0, '#7b85a6');
  stone.addColorStop(0.5, '#4a5273');
  stone.addColorStop(1, '#272d49');
  c.fillStyle = stone;
  c.fill();
  c.save();
  c.clip();
  for (let i = 0; i < 6; i++) facet(c, points, roll, radius);
  for (let i = 0; i < 5; i++) crater(c, roll, radius);
  c.restore();
  trace(c, points);
  c.strokeStyle = '#a9b6e6';
  c.lineWidth = 4;
  c.stroke();
}

/** A flat side that catches more or less light. @param {CanvasRenderingContext2D} c @param {[number, number][]} points
 * @param {() => number} roll @param {number} radius */
function facet(c, points, roll, radius) {
  const i = Math.floor(roll() * points.length);
  const [a, b] = [points[i], points[(i + 1 + Math.floor(roll() * 2)) % points.length]];
  trace(c, [a, b, [(roll() - 0.5) * radius * 0.6, (roll() - 0.5) * radius * 0.6]]);
  c.fillStyle = roll() < 0.5 ? 'rgba(255,255,255,.07)' : 'rgba(0,0,10,.16)';
  c.fill();
}
