// @ts-check
// The moment that is drawn: everything at its place now, as the client core predicts and eases it. Finds fields by
// name once, hands out what happened, and knows the ways of a round world.
import { lookOf } from './looks.js';

const EVENTS_MAX = 400;
const STALE_TICKS = 30; // events of a tab that slept are not fireworks for its return

/** @typedef {{[field: string]: number}} Places where a kind's fields stand */

export class World {
  /** @param {import('tidewire').Room} room */
  constructor(room) {
    this.room = room;
    this.size = 3200;
    /** @type {import('tidewire').GameEvent[]} */ this.events = [];
    /** @type {{ship: Places, shot: Places, rock: Places}} */ this.at = { ship: {}, shot: {}, rock: {} };
    room.on('welcome', () => this.#learn());
    room.on('event', (event) => { if (this.events.length < EVENTS_MAX) this.events.push(event); });
    if (room.schema) this.#learn();
  }

  /** Looks up where fields lie, once for each welcome. */
  #learn() {
    const kinds = this.room.schema?.kinds ?? [];
    for (const kind of kinds) {
      if (!(kind.name in this.at)) continue;
      this.at[/** @type {'ship'|'shot'|'rock'} */ (kind.name)] = Object.fromEntries(kind.fields.map((field) => [field.name, field.index]));
      if (kind.name === 'ship') this.size = kind.fields[0].span * kind.fields[0].step;
    }
    this.events.length = 0;
  }

  get ships() {
    return this.room.shown('ship');
  }

  get shots() {
    return this.room.shown('shot');
  }

  get rocks() {
    return this.room.shown('rock');
  }

  /** Whether a player's ship is in sight. @param {number} player */
  flies(player) {
    return (this.ships?.at(player) ?? -1) >= 0;
  }

  /** What happened since the last picture, in order. @param {(event: import('tidewire').GameEvent) => void} tell */
  happen(tell) {
    for (const event of this.events.splice(0)) if (event.tick > this.room.tick - STALE_TICKS) tell(event);
  }

  /** What was missed while nobody looked is not told. */
  forget() {
    this.events.length = 0;
  }

  /** A ship as it is drawn, null if it is out of sight. @param {number} player @returns {Body|null} */
  ship(player) {
    const [ships, at] = [this.ships, this.at.ship];
    const row = ships?.at(player) ?? -1;
    if (!ships || row < 0) return null;
    const from = row * ships.width;
    const value = (/** @type {string} */ name) => ships.values[from + at[name]];
    return { x: value('x'), y: value('y'), vx: value('vx'), vy: value('vy'), heading: value('heading'), flags: value('flags'), health: value('health') };
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
/** @typedef {{x: number, y: number, vx: number, vy: number, heading: number, flags: number, health: number}} Body */
