// @ts-check
// The moment that is drawn: a little in the past, where two frames stand around it, so that everything glides.
// Wraps the histories of the moving kinds, and hands out events when the picture reaches their tick.
import { History } from 'tidewire';
import { lookOf } from './looks.js';

const DELAY_TICKS = 1.5; // behind the newest frame's due time, before jitter is added
const DELAY_TICKS_MAX = 5;
const EVENTS_MAX = 400;
const STALE_TICKS = 30; // events of a tab that slept are not fireworks for its return

/** @typedef {{slot: number, born: number}} Seen */

export class World {
  /** @param {import('tidewire').Room} room */
  constructor(room) {
    this.room = room;
    this.ship = new History(room, 'ship');
    this.shot = new History(room, 'shot');
    this.rock = new History(room, 'rock');
    this.size = 3200;
    this.delay = DELAY_TICKS;
    this.tick = 0;
    /** @type {import('tidewire').GameEvent[]} */ this.waiting = [];
    /** @type {{[field: string]: number}} a ship's fields by name */ this.at = {};
    room.on('welcome', () => this.#learn());
    /** @type {import('tidewire').GameEvent[]} what happened to the own ship, which is drawn now */ this.urgent = [];
    /** @type {(event: import('tidewire').GameEvent) => boolean} */ this.isUrgent = () => false;
    room.on('event', (event) => this.#hear(event));
    if (room.schema) this.#learn();
  }

  /** Looks up where fields lie, once for each welcome. */
  #learn() {
    const ship = this.room.schema?.kinds.find((kind) => kind.name === 'ship');
    if (!ship) return;
    this.size = ship.fields[0].span * ship.fields[0].step;
    this.at = Object.fromEntries(ship.fields.map((field) => [field.name, field.index]));
    this.waiting.length = 0;
    this.delay = DELAY_TICKS;
  }

  /** Moves on to now. @param {number} dt seconds */
  look(dt) {
    const { room } = this;
    const wanted = Math.min(DELAY_TICKS_MAX, DELAY_TICKS + (room.jitter * room.rate * 1.5) / 1000);
    this.delay += (wanted - this.delay) * Math.min(1, dt);
    this.tick = room.tickNow() - this.delay;
    for (const past of [this.ship, this.shot, this.rock]) past.at(this.tick);
  }

  #hear(/** @type {import('tidewire').GameEvent} */ event) {
    const list = this.isUrgent(event) ? this.urgent : this.waiting;
    if (list.length < EVENTS_MAX) list.push(event);
  }

  /** Events whose time has come, in order. @param {(event: import('tidewire').GameEvent) => void} tell */
  happen(tell) {
    for (const event of this.urgent.splice(0)) tell(event);
    while (this.waiting.length && this.waiting[0].tick <= this.tick) {
      const event = /** @type {import('tidewire').GameEvent} */ (this.waiting.shift());
      if (event.tick > this.tick - STALE_TICKS) tell(event);
    }
  }

  /** Where another's ship is drawn. @param {number} slot */
  shipAt(slot) {
    const [past, { at }] = [this.ship, this];
    return { x: past.value(slot, at.x), y: past.value(slot, at.y), vx: past.value(slot, at.vx), vy: past.value(slot, at.vy) };
  }

  /** What was missed while nobody looked is not told. */
  forget() {
    this.waiting.length = this.urgent.length = 0;
  }

  /** The short way from a to b in a round world. @param {number} a @param {number} b */
  way(a, b) {
    const half = this.size / 2;
    let d = (b - a) % this.size;
    if (d > half) d -= this.size;
    else if (d < -half) d += this.size;
    return d;
  }

  /** What a player's ship looks like. @param {number} player */
  lookOf(player) {
    return lookOf(/** @type {any} */ (this.room.row('pilot', player))?.hue ?? 200);
  }

  /** A player's name as everyone reads it. @param {number} player */
  nameOf(player) {
    return /** @type {any} */ (this.room.row('pilot', player))?.name ?? 'someone';
  }
}
