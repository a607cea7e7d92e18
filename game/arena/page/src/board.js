// @ts-check
// Scores: who leads here and now (small, always; in full with Tab, or at a finger's touch), and the best of all time.
import { find, lines, make, write } from './dom.js';
import { lookOf, markOf } from './looks.js';
import { fetchTop } from './net.js';

const EVERY_S = 0.25;
const TOP_EVERY_MS = 5000;

function line() {
  const made = make('li');
  made.append(make('b'), make('i'), make('span'), make('small'), make('em'));
  return made;
}

/** @param {any} li @param {{rank: number, name: string, hue?: number, note: string, score: number, mine: boolean, computer?: number}} what */
function fill(li, { rank, name, hue, note, score, mine, computer = 0 }) {
  const [place, dot, who, small, points] = li.children;
  write(place, String(rank));
  if (li.hue !== hue) paint(dot, hue);
  li.hue = hue;
  write(who, name);
  write(small, note);
  write(points, score.toLocaleString('en'));
  li.classList.toggle('mine', mine);
  li.classList.toggle('computer', computer === 1);
}

/** A ship's mark; of long ago nobody knows the ship. @param {HTMLElement} dot @param {number|undefined} hue */
function paint(dot, hue) {
  const look = hue === undefined ? null : lookOf(hue);
  dot.style.background = look?.css ?? '';
  dot.style.clipPath = look ? markOf(look.hull) : '';
}

/** The first of all, and the own one in the last's place if it is not among them. @template {{mine: boolean}} Each @param {Each[]} all @param {number} most */
function best(all, most) {
  const mine = all.findIndex((each) => each.mine);
  return mine < most ? all.slice(0, most) : [...all.slice(0, most - 1), all[mine]];
}

export class Board {
  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.world = world;
    this.list = find('#board ol');
    this.tab = find('#tab');
    this.next = 0;
    this.topAt = -Infinity;
    this.anyTop = false; // somebody is known to be the best of all time
    addEventListener('keydown', (event) => this.#key(event));
    addEventListener('keyup', ({ code }) => { if (code === 'Tab') this.tab.hidden = true; });
    addEventListener('blur', () => { this.tab.hidden = true; });
    find('#board').addEventListener('click', () => this.#showAll());
    this.tab.addEventListener('click', () => { this.tab.hidden = true; });
  }

  #key(/** @type {KeyboardEvent} */ event) {
    if (event.code !== 'Tab' || event.shiftKey || document.querySelector('dialog[open], tidewire-overlay:not([hidden])')) return; // then it goes on to the next control
    event.preventDefault();
    this.#showAll();
  }

  #showAll() {
    if (this.tab.hidden) this.showTop();
    this.tab.hidden = false;
    this.next = 0;
  }

  /** All pilots, the best first. */
  standing() {
    const { room } = this.world;
    const pilots = /** @type {any[]} */ ([...room.rows('pilot')]).sort((a, b) => b.score - a.score || b.kills - a.kills || a.slot - b.slot);
    return pilots.map((pilot, index) => ({
      rank: index + 1, name: pilot.name, hue: pilot.hue, score: pilot.score, computer: pilot.computer,
      note: `${pilot.kills}/${pilot.deaths}`, mine: pilot.slot === room.player,
    }));
  }

  /** @param {number} now seconds */
  draw(now) {
    if (now < this.next) return;
    this.next = now + EVERY_S;
    const all = this.standing();
    const low = innerHeight < 480;
    lines(this.list, best(all, low || innerWidth < 620 ? 3 : 8), line, fill);
    if (!this.tab.hidden) lines(find('#tab-now'), best(all, low ? 10 : 16), line, fill);
    if (!this.anyTop && all.length) this.#onCard('Here and now', best(all, 8)); // so that it tells of somebody
  }

  #onCard(/** @type {string} */ title, /** @type {any[]} */ whom) {
    write(find('#top-title'), title);
    lines(find('#top ol'), whom, line, fill);
    find('#top ol').classList.toggle('kept', this.anyTop);
  }

  /** The best of all time, into every place that shows them; asked for now and then. */
  async showTop() {
    const now = performance.now();
    if (now - this.topAt < TOP_EVERY_MS) return;
    this.topAt = now;
    const top = await fetchTop();
    if (!top) return;
    const kept = top.map(({ name, best, kept: kills }, index) => (
      { rank: index + 1, name: String(name) || 'A pilot', note: kills ? `${kills} kills` : '', score: Number(best) || 0, mine: name !== '' && name === this.world.room.name }));
    this.anyTop = kept.length > 0;
    if (this.anyTop) this.#onCard('All-time best', kept);
    lines(find('#tab-top'), kept, line, fill);
    for (const selector of ['#top ol', '#tab-top']) find(selector).classList.toggle('none', !this.anyTop);
  }
}
