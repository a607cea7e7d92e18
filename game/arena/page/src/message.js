// @ts-check
// The one message in the middle: why nothing moves, and when it will again.
import { find, write } from './dom.js';

const EVERY_S = 0.1;
const WORDS_OVER = /** @type {{[code: string]: string}} */ ({
  replaced: 'You are playing in another tab.', kicked: 'You were sent out of this room.', left: 'You left.',
  'bad-name': 'That name cannot be used.', 'no-game': 'This server does not run the arena.',
});

export class Message {
  /** @param {import('./world.js').World} world @param {import('./feed.js').Feed} feed @param {import('./own.js').Own} own */
  constructor(world, feed, own) {
    this.world = world;
    this.feed = feed;
    this.own = own;
    this.next = 0;
    this.box = find('#message');
    this.button = find('#message button');
    this.button.addEventListener('click', () => (world.room.state === 'over' ? world.room.rejoin() : world.room.wake()));
  }

  /** @param {number} now seconds */
  draw(now) {
    if (now < this.next) return;
    this.next = now + EVERY_S;
    const [title, words, button] = this.#words() ?? [];
    this.box.hidden = !title;
    if (!title) return;
    write(find('#message strong'), title);
    write(find('#message span'), words ?? '');
    write(this.button, button ?? '');
    if (this.button.hidden === !button) return;
    this.button.hidden = !button;
    if (button) this.button.focus(); // Tab shows the scores, so the way to it must not need Tab
  }

  /** @returns {string[]|null} title, words, button */
  #words() {
    const { room } = this.world;
    const error = /** @type {any} */ (room.error);
    if (room.state === 'over') return ['Disconnected', WORDS_OVER[error?.code] ?? sentence(error?.message), 'Fly again'];
    if (room.state === 'waiting') {
      const left = Math.ceil((room.retryAt - performance.now()) / 1000);
      return ['Connection lost', left > 1 ? `Coming back in ${left} s …` : 'Coming back …', left > 2 ? 'Now' : ''];
    }
    if (room.state === 'connecting') return room.stats.frames ? ['Connection lost', 'Coming back …'] : ['Connecting …', ''];
    if (this.own.alive) return null;
    const left = /** @type {any} */ (room.row('hud', room.player))?.respawn ?? 0;
    const by = this.feed.killedBy;
    return [by ? `Destroyed by ${by}` : 'Destroyed', left ? `Back in ${left} …` : 'Back now'];
  }
}

/** @param {string} [words] */
function sentence(words = '') {
  return words ? `${words[0].toUpperCase()}${words.slice(1)}.` : '';
}
