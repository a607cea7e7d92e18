// @ts-check
// Where the dead look: a moment at the wreck, then at whoever did it, or at another ship in sight; left and right
// change whom. Ends by itself with the next life.

const WRECK_S = 0.9;

export class Deathcam {
  /** @param {import('./world.js').World} world @param {import('./own.js').Own} own @param {import('./feed.js').Feed} feed */
  constructor(world, own, feed) {
    this.world = world;
    this.own = own;
    this.feed = feed;
    this.since = -1; // when the own ship ended, s; −1: it flies
    this.watched = -1;
    addEventListener('keydown', ({ code }) => {
      if (code === 'ArrowLeft' || code === 'KeyA') this.#next(-1);
      if (code === 'ArrowRight' || code === 'KeyD') this.#next(1);
    });
  }

  /** The player that is watched now, −1: nobody. */
  get watching() {
    return this.since >= 0 && this.world.flies(this.watched) ? this.watched : -1;
  }

  /** What to look at; null: the place where it ended. @param {number} now seconds */
  update(now) {
    if (this.own.alive) this.feed.forgive();
    if (this.own.alive || this.world.room.state !== 'playing') {
      this.since = this.watched = -1;
      return null;
    }
    if (this.since < 0) this.since = now;
    if (now - this.since < WRECK_S) return null;
    if (this.watched < 0) this.watched = this.feed.killer;
    if (!this.world.flies(this.watched)) this.#next(1);
    return this.world.ship(this.watched);
  }

  #next(/** @type {number} */ way) {
    if (this.since < 0) return;
    const slots = this.world.ships?.kind.slots ?? 0;
    for (let i = 1; i <= slots; i++) {
      const slot = (this.watched + way * i + slots * 2) % slots;
      if (slot !== this.world.room.player && this.world.flies(slot)) return void (this.watched = slot);
    }
    this.watched = -1;
  }
}
