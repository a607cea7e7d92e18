// @ts-check
// The own ship's gauges, the hint of controls, and the red rim when struck.
import { calm } from './calm.js';
import { find, lines, make, write } from './dom.js';

const EVERY_S = 0.1;
const HINT_S = 12;
const HEAT_MAX = 20;
const HEAT_WAITS = 18; // above it the gun waits

export class Hud {
  /** @param {import('./world.js').World} world @param {import('./input.js').Controls} controls */
  constructor(world, controls) {
    this.world = world;
    this.controls = controls;
    this.next = 0;
    this.hintUntil = Infinity;
    this.fps = 60;
    this.health = find('.gauge.health');
    this.heat = find('.gauge.heat');
  }

  /** @param {number} now seconds @param {number} dt @param {number} struckAt */
  draw(now, dt, struckAt) {
    this.fps += (1 / Math.max(dt, 0.001) - this.fps) * 0.05;
    this.#rim(Math.max(0, (calm.on ? 0.35 : 0.7) - (now - struckAt) * 1.8));
    if (now < this.next) return;
    this.next = now + EVERY_S;
    this.#gauges();
    this.#hint(now);
  }

  /** The red rim; taken off altogether when it is over, for even an invisible one costs the browser time. */
  #rim(/** @type {number} */ strength) {
    const rim = find('#hurt');
    rim.hidden = strength === 0 || !this.controls.enabled;
    if (strength) rim.style.opacity = strength.toFixed(2);
  }

  #gauges() {
    const { room } = this.world;
    const ship = /** @type {any} */ (room.row('ship', room.player));
    const hud = /** @type {any} */ (room.row('hud', room.player));
    const health = ship?.health ?? 0;
    gauge(this.health, health / 100, String(health), health > 60 ? '' : health > 30 ? 'low' : 'bad');
    const heat = hud?.heat ?? 0;
    gauge(this.heat, heat / HEAT_MAX, heat > HEAT_WAITS ? 'hot' : '', heat > HEAT_WAITS ? 'bad' : heat > 13 ? 'low' : '');
    const boosts = [['rapid', 'Rapid fire', hud?.rapid ?? 0], ['shield', 'Shield', hud?.shield ?? 0]].filter((boost) => boost[2] > 0);
    lines(find('#boosts'), boosts, () => make('li'), (li, [kind, words, left]) => {
      li.className = kind;
      write(li, `${words} ${left} s`);
    });
  }

  #hint(/** @type {number} */ now) {
    const hint = find('#hint');
    if (this.hintUntil === Infinity && this.controls.enabled) {
      this.hintUntil = now + HINT_S;
      const touched = document.body.classList.contains('touched');
      write(hint, touched ? 'Left thumb flies · right thumb fires' : 'W A D or arrows fly · Space fires · or aim with the mouse · H help');
    }
    hint.classList.toggle('gone', now > this.hintUntil);
  }
}

/** @param {HTMLElement} element @param {number} part @param {string} words @param {string} mood */
function gauge(element, part, words, mood) {
  const bar = /** @type {HTMLElement} */ (element.querySelector('b'));
  bar.style.transform = `scaleX(${Math.max(0, Math.min(1, part))})`;
  write(/** @type {HTMLElement} */ (element.querySelector('em')), words);
  element.dataset.mood = mood;
}
