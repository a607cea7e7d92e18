// @ts-check
// The one message in the middle: connecting, waiting in line, destroyed, out.
import { find, write } from './dom.js';
import { again, inLine, isFull, why } from './words.js';

const EVERY_S = 0.1;

/** The only message that there will be: without what it tells of, there is no arena. @param {string} title @param {string} words */
export function refuse(title, words) {
  write(find('#message strong'), title);
  write(find('#message span'), words);
  find('#message').hidden = false;
}

export class Message {
  /** @param {import('./world.js').World} world @param {import('./feed.js').Feed} feed @param {import('./own.js').Own} own
   * @param {import('./deathcam.js').Deathcam} deathcam @param {HTMLCanvasElement} stage */
  constructor(world, feed, own, deathcam, stage) {
    this.world = world;
    this.feed = feed;
    this.own = own;
    this.deathcam = deathcam;
    this.next = 0;
    this.box = find('#message');
    this.button = find('#message button');
    this.button.addEventListener('click', () => world.room.rejoin());
    this.button.addEventListener('keydown', (event) => { if (event.repeat) event.preventDefault(); }); // Space was held to fire
    this.offered = false; // the button could be pressed in the last picture
    this.blind = false; // the browser took the graphics card away
    stage.addEventListener('webglcontextlost', () => { this.blind = true; });
    stage.addEventListener('webglcontextrestored', () => { this.blind = false; });
  }

  /** @param {number} now seconds */
  draw(now) {
    if (now < this.next) return;
    this.next = now + EVERY_S;
    const [title, words, button] = this.#words() ?? [];
    this.box.hidden = !title;
    const { state, stats, place } = this.world.room;
    document.body.classList.toggle('dead', state === 'over' || (!this.own.alive && state === 'playing'));
    document.body.classList.toggle('seated', state !== 'over' && stats.frames > 0 && place === 0);
    if (title) this.#say(title, words, button);
    const offers = Boolean(button) && !document.querySelector('dialog[open]');
    if (offers && !this.offered) this.button.focus(); // Tab shows the scores, so the way to it must not need Tab
    this.offered = offers;
  }

  #say(/** @type {string} */ title, words = '', button = '') {
    write(find('#message strong'), title);
    write(find('#message span'), words);
    write(this.button, button);
    this.button.hidden = !button;
  }

  /** @returns {string[]|null} title, words, button */
  #words() {
    const { room } = this.world;
    const { place } = room;
    const flown = room.stats.frames > 0;
    if (room.state === 'over') return flown ? ['Out of the arena', why(room.error), 'Fly again'] : ['No way into the arena', why(room.error), 'Try again'];
    if (this.blind) return ['No picture', 'The browser took the graphics card away. If it is not back in a moment, load the page anew.'];
    if (place) return [inLine(place), 'All seats are taken. You fly as soon as one is free.'];
    if (!flown && !room.error) return ['Connecting …'];
    if (!flown) return [isFull(room.error) ? 'The arena is full' : 'No connection', `${why(room.error)} ${again(room)}`];
    if (this.own.alive || room.state !== 'playing') return null;
    return this.#destroyed();
  }

  #destroyed() {
    const left = /** @type {any} */ (this.world.room.row('hud', this.world.room.player))?.respawn ?? 0;
    const [by, watched] = [this.feed.killedBy, this.deathcam.watching];
    const back = left ? `Back in ${left} s …` : 'Back now';
    return [by ? `Destroyed by ${by}` : 'Destroyed', watched < 0 ? back : `${back}  ·  watching ${this.world.nameOf(watched)}`];
  }
}
