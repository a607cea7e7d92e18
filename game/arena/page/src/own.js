// @ts-check
// The player's own ship, drawn now instead of in the past: from the newest row, the inputs that the server cannot
// have used yet are flown once more. What was guessed wrong is eased away. A guess for the eye alone: nothing
// is decided by it, and the server's row always wins.

const LOG_MAX = 64; // inputs; more than a second of them
const EASE = 9; // of an error, per second (e-fold)
const ERROR_MAX = 140; // units: farther off is a jump, and shown as one
const TURN = 256;
const NEAR = 70; // units: a ship's end this near was ours
const SHIP = 4; // the size of a boom that was a ship

/** @typedef {{turn: number, thrust: number, fire: number, aim: number}} Input */
/** @typedef {{x: number, y: number, vx: number, vy: number, heading: number}} Body */

export class Own {
  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.world = world;
    this.room = world.room;
    this.alive = false;
    this.born = 0;
    /** @type {Body} */ this.body = { x: 0, y: 0, vx: 0, vy: 0, heading: 0 };
    /** @type {Body} */ this.base = { ...this.body };
    this.baseAt = 0;
    this.off = { x: 0, y: 0, heading: 0 };
    /** @type {{at: number, input: Input}[]} */ this.log = [];
    this.room.on('frame', () => this.#correct());
  }

  /** How far ahead of the newest row the ship is drawn, in milliseconds. */
  get lead() {
    return Math.min(400, this.room.rtt + 500 / this.room.rate);
  }

  /** @param {number} now @param {Input} input */
  note(now, input) {
    this.log.push({ at: now, input });
    if (this.log.length > LOG_MAX) this.log.shift();
  }

  /** A frame came: fly from there, and keep what the eye saw as an error to ease away. */
  #correct() {
    const row = /** @type {any} */ (this.room.row('ship', this.room.player));
    this.alive = row !== null;
    if (!row) return;
    const now = performance.now();
    const seen = this.born === row.born ? this.#fly(now) : null;
    this.base = { x: row.x, y: row.y, vx: row.vx, vy: row.vy, heading: row.heading };
    this.baseAt = now;
    this.born = row.born;
    const next = this.#fly(now);
    if (seen) this.#miss(seen, next);
    else this.off = { x: 0, y: 0, heading: 0 };
  }

  #miss(/** @type {Body} */ seen, /** @type {Body} */ next) {
    const { off, world } = this;
    off.x += world.way(next.x, seen.x);
    off.y += world.way(next.y, seen.y);
    off.heading += across(next.heading, seen.heading);
    if (Math.hypot(off.x, off.y) > ERROR_MAX) off.x = off.y = 0;
  }

  /** Whether an event befell this ship: then it is seen now, as the ship is, and not when the past is drawn.
   * @param {import('tidewire').GameEvent} event */
  concerns({ name, values }) {
    const { player } = this.room;
    if (name === 'boom') return Math.hypot(this.world.way(this.body.x, values.x), this.world.way(this.body.y, values.y)) < NEAR && values.size === SHIP;
    return (name === 'hit' && values.of === player) || (name === 'kill' && values.victim === player) || values.who === player;
  }

  /** Begins anew: nothing of what was seen is eased. */
  forget() {
    this.off = { x: 0, y: 0, heading: 0 };
    this.born = 0;
  }

  /** Moves on to now; the result lies in `body`. @param {number} now @param {number} dt seconds */
  update(now, dt) {
    if (!this.alive) return;
    const kept = Math.exp(-EASE * dt);
    const { off } = this;
    off.x *= kept;
    off.y *= kept;
    off.heading *= kept;
    const body = this.#fly(now);
    this.body = { ...body, x: body.x + off.x, y: body.y + off.y, heading: body.heading + off.heading };
  }

  /** The row, flown on with what was wanted since. */
  #fly(/** @type {number} */ now) {
    const body = { ...this.base };
    const period = 1000 / this.room.rate;
    let at = this.baseAt - this.lead;
    const end = Math.min(now, this.baseAt + 500); // a silent line: coast no farther
    while (at < end) {
      const part = Math.min(period, end - at);
      this.#step(body, this.#inputAt(at), part / 1000);
      at += part;
    }
    return body;
  }

  /** @returns {Input|null} */
  #inputAt(/** @type {number} */ at) {
    for (let i = this.log.length - 1; i >= 0; i--) if (this.log[i].at <= at) return this.log[i].input;
    return this.log[0]?.input ?? null;
  }

  /** As the arena steers: heading, then speed, then place. @param {Body} body @param {Input|null} input @param {number} dt */
  #step(body, input, dt) {
    const { turn_rate = 0.75, thrust = 320, drag = 0.6, ship_speed = 260 } = this.room.rules;
    const most = turn_rate * TURN * dt;
    let way = input ? (input.turn / 8) * most : 0;
    if (input && input.aim >= 0) way = Math.max(-most, Math.min(most, across(body.heading, input.aim)));
    body.heading = (body.heading + way + TURN) % TURN;
    const kept = Math.max(0, 1 - drag * dt);
    body.vx *= kept;
    body.vy *= kept;
    if (input && input.thrust > 0) {
      const angle = (body.heading / TURN) * Math.PI * 2;
      body.vx += (Math.cos(angle) * thrust * dt * input.thrust) / 8;
      body.vy += (Math.sin(angle) * thrust * dt * input.thrust) / 8;
      const over = Math.hypot(body.vx, body.vy) / ship_speed;
      if (over > 1) (body.vx /= over), (body.vy /= over);
    }
    body.x += body.vx * dt;
    body.y += body.vy * dt;
  }
}

/** The short way from one heading to another. @param {number} from @param {number} to */
function across(from, to) {
  const d = (to - from) % TURN;
  return d > TURN / 2 ? d - TURN : d < -TURN / 2 ? d + TURN : d;
}
