// @ts-check
// The line to the server, told calmly: a dot and a figure while all is well, a few words at the top while it is not.
// The arena stays in sight: what was expected to happen goes on until the line is back.
import { find, write } from './dom.js';
import { again, why } from './words.js';

const EVERY_S = 0.1;
const QUIET_S = 2.5; // without any frame: the server sends one each second at least
const BACK_S = 1.6; // how long it says that all is well again
const WAYS = /** @type {{[transport: string]: string}} */ ({ websocket: 'WebSocket', stream: 'an HTTP stream', sse: 'server-sent events', poll: 'long polling', pull: 'polling' });

export class Line {
  /** @param {import('tidewire').Room} room */
  constructor(room) {
    this.room = room;
    this.box = find('#line');
    this.words = find('#line span');
    this.button = find('#line button');
    this.next = 0;
    this.heardAt = -Infinity; // seconds
    this.lostAt = -1; // −1: it stands
    this.backAt = -Infinity;
    this.cause = ''; // why it was lost, where the server said so: what follows is only that it cannot be reached
    room.on('frame', () => { this.heardAt = performance.now() / 1000; });
    this.button.addEventListener('click', () => room.wake());
  }

  /** @param {number} now seconds */
  draw(now) {
    if (now < this.next) return;
    this.next = now + EVERY_S;
    const words = this.#words(now);
    this.box.classList.toggle('on', words !== '');
    this.box.dataset.mood = this.lostAt < 0 ? 'well' : 'lost';
    if (words) write(this.words, words);
    this.button.hidden = !(this.room.state === 'waiting' && this.room.retryAt - performance.now() > 1500);
    this.#figure();
  }

  #words(/** @type {number} */ now) {
    const { room } = this;
    const playing = room.state === 'playing';
    const quiet = playing && now - this.heardAt > QUIET_S && !document.hidden;
    const enters = room.state === 'connecting' && !room.error; // for the first time, or under another name
    if (room.state === 'over' || enters || room.place || !room.stats.frames) return '';
    if (playing && !quiet) {
      if (this.lostAt >= 0) (this.lostAt = -1), (this.backAt = now);
      return now - this.backAt < BACK_S ? `Back over ${this.#way()}` : '';
    }
    if (this.lostAt < 0) (this.lostAt = now), (this.cause = '');
    if (quiet) return `No word from the server for ${Math.floor(now - this.heardAt)} s …`;
    const known = /** @type {any} */ (room.error)?.code;
    if (known && known !== 'lost') this.cause = why(room.error);
    return `${this.cause || 'Line lost.'} ${again(room)}`;
  }

  #way() {
    const { transport } = this.room;
    return WAYS[transport] ?? 'nothing';
  }

  #figure() {
    const { room } = this;
    const net = find('#net');
    net.dataset.state = room.state;
    net.dataset.line = room.rtt < 80 ? 'good' : room.rtt < 180 ? 'fair' : 'poor';
    const way = this.#way();
    write(find('#net-text'), room.state === 'playing' ? `${Math.round(room.rtt)} ms${way === 'WebSocket' ? '' : ` over ${way}`}` : room.place ? 'in line' : room.state === 'connecting' ? 'connecting' : 'offline');
  }
}
