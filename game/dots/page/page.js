// A whole client: connect, say what the player wants, draw what is there. Kinds and fields are those of dots.c.
import { connect } from '/sdk.js';

const room = connect({ game: 'dots' });      // comes back by itself when the line drops
const [canvas, scores, state] = ['canvas', '#scores', '#state'].map((name) => document.querySelector(name));
const pen = canvas.getContext('2d');
const hue = (slot) => `hsl(${(slot * 137 + 190) % 360} 85% 66%)`;

let [held, finger] = [{}, null];             // keys that are down; where the pointer is, in the square's units, while it is down
addEventListener('keydown', ({ code }) => (held[code] = 8));
addEventListener('keyup', ({ code }) => delete held[code]);
for (const type of ['blur', 'visibilitychange']) addEventListener(type, () => {
  [held, finger] = [{}, null];               // nobody looks: let go, for what was said last is used on and on
  room.input({ x: 0, y: 0 });
});
for (const type of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel']) {
  canvas.addEventListener(type, ({ buttons, offsetX, offsetY, pointerId }) => {
    const { clientWidth: width, clientHeight: height } = canvas, scale = 1000 / Math.min(width, height);
    finger = buttons ? { x: (offsetX - width / 2) * scale + 500, y: (offsetY - height / 2) * scale + 500 } : null;
    if (type === 'pointerdown') canvas.setPointerCapture(pointerId); // its end is told wherever that is
  });
}
for (const type of ['keydown', 'pointerdown']) addEventListener(type, () => room.state === 'over' && room.rejoin());
const towards = (way) => Math.max(-8, Math.min(8, Math.round(way / 5)));
const disc = (x, y, radius, colour) => { pen.fillStyle = colour; pen.beginPath(); pen.arc(x, y, radius, 0, 7); pen.fill(); };

requestAnimationFrame(function picture() {
  const me = room.row('dot', room.player), { ArrowRight = 0, ArrowLeft = 0, ArrowDown = 0, ArrowUp = 0 } = held;
  if (finger && me) room.input({ x: towards(finger.x - me.x), y: towards(finger.y - me.y) });
  else room.input({ x: ArrowRight - ArrowLeft, y: ArrowDown - ArrowUp });
  disc(500, 500, 999, '#171c36');
  for (const { x, y } of room.rows('coin')) disc(x, y, 15, '#ffd34d');
  room.look();                               // where everything is now: our own dot obeys at once, others glide
  for (const { slot, x, y } of room.shown('dot') ?? []) {
    if (slot === room.player) disc(x, y, 24, '#fff');
    disc(x, y, 20, hue(slot));
  }
  state.textContent = { playing: '', over: `${room.error?.message}: press to play again` }[room.state] ?? (room.place ? `${room.place} in line …` : `${room.state} …`);
  const best = [...room.rows('dot')].sort((a, b) => b.score - a.score).slice(0, 5);
  const line = ({ slot, score }) => `<li style="--hue: ${hue(slot)}">${slot === room.player ? 'you' : `dot ${slot}`} <b>${score}</b></li>`;
  if (room.tick % 4 === 0) scores.innerHTML = best.map(line).join('');
  requestAnimationFrame(picture);
});
