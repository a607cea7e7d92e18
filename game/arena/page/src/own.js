// @ts-check
// The player's own ship as it is drawn: as it is now, for the client core carries out each input in the tick that it
// is made. Remembers where it was when it is no more.

export class Own {
  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.world = world;
    this.alive = false;
    /** @type {import('./world.js').Body} */ this.body = { x: 0, y: 0, vx: 0, vy: 0, heading: 0, flags: 0, health: 0 };
  }

  /** Once a picture, after the world was looked at. */
  update() {
    const body = this.world.ship(this.world.room.player);
    this.alive = body !== null;
    if (body) this.body = body;
  }
}
