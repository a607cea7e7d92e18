// @ts-check
// Who shot whom, in the corner; the newest below, each for a few seconds.
import { find, make } from './dom.js';

const LINES_MAX = 5;
const SHOWN_MS = 6000;

export class Feed {
  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.world = world;
    this.list = find('#feed');
    this.killedBy = ''; // who ended the own ship last, in words
    this.killer = -1; // and as a player; −1: nobody
  }

  /** @param {import('tidewire').GameEvent} event */
  hear({ name, values: { killer, victim } }) {
    if (name !== 'kill') return;
    const { room } = this.world;
    if (victim === room.player) this.#fell(killer);
    const line = make('li', killer === room.player ? 'won' : victim === room.player ? 'lost' : '');
    line.append(this.#who(killer), make('i', '', '✦'), this.#who(victim));
    this.list.append(line);
    while (this.list.children.length > LINES_MAX) this.list.firstElementChild?.remove();
    setTimeout(() => line.classList.add('gone'), SHOWN_MS);
    setTimeout(() => line.remove(), SHOWN_MS + 600);
  }

  /** The own ship flies: who ended it before is of no more interest. */
  forgive() {
    this.killedBy = '';
    this.killer = -1;
  }

  #fell(/** @type {number} */ killer) {
    const own = killer === this.world.room.player;
    this.killer = own ? -1 : killer;
    this.killedBy = killer < 0 ? 'a rock' : own ? 'yourself' : this.world.nameOf(killer);
  }

  #who(/** @type {number} */ player) {
    const name = make('span', '', player < 0 ? 'a rock' : this.world.nameOf(player));
    name.style.color = player < 0 ? '#98a3c9' : this.world.lookOf(player).css;
    return name;
  }
}
