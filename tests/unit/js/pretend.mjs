// A pretended server for the client package's tests: packs messages, keeps time still until told, and is a
// WebSocket that does what the test says. Knows MessagePack and the shape of WELCOME; no rules of the protocol.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUILD = process.env.TIDEWIRE_BUILD ?? fileURLToPath(new URL('../../../build', import.meta.url));

/** Some game's core: any can play the small game below, whose rows it is not to predict by its own code. */
export const CORE_BYTES = readFileSync(join(BUILD, 'protocol/wasm/dots.wasm'));
export const CORE = new WebAssembly.Module(CORE_BYTES);

/** Packs plain values: arrays, whole numbers, BigInts, strings, and `float(x)`. */
export function pack(value, out = []) {
  if (Array.isArray(value)) {
    if (value.length < 16) out.push(0x90 | value.length);
    else out.push(0xdc, value.length >> 8, value.length & 255);
    for (const each of value) pack(each, out);
  } else if (typeof value === 'string') {
    const bytes = new TextEncoder().encode(value);
    out.push(0xd9, bytes.length, ...bytes);
  } else if (typeof value === 'bigint') {
    out.push(0xcf);
    for (let shift = 56n; shift >= 0n; shift -= 8n) out.push(Number((value >> shift) & 255n));
  } else if (typeof value === 'object') {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value.float);
    out.push(0xca, ...new Uint8Array(view.buffer));
  } else if (value >= 0 && value < 128) out.push(value);
  else if (value < 0 && value >= -32) out.push(value + 256);
  else if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) out.push(0xd2, (value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255);
  else pack(BigInt(value), out);
  return out;
}
export const bytes = (value) => Uint8Array.from(pack(value));
export const float = (value) => ({ float: value });

const field = (name, over = {}) => {
  const { type = 0, wraps = 0, step = 1, min = 0, max = 0 } = over;
  return [name, type, wraps, float(step), min, max];
};
const PLACE = { type: 1, wraps: 1, step: 0.0625, max: 1600 };
const SPEED = { type: 1, step: 0.078125, min: -100, max: 100 };

/** A small game: `dot` moves by itself in a world that wraps in x and ends in y; `tag` has a text. A raw speed of 16
 * is one step of place, 0.0625, in each tick. */
export const MOVE = 65536 * 16;
export const SCHEMA = [
  'test', 1, 8,
  [field('push', { min: -8, max: 8 }), field('fire', { max: 1 })],
  [field('speed', { type: 1, step: 0.5, max: 100 })],
  [
    ['dot', 4, 1, 1, MOVE, MOVE, [field('x', PLACE), field('y', { ...PLACE, wraps: 0 }), field('vx', SPEED), field('vy', SPEED), field('hue', { wraps: 1, max: 360 })]],
    ['tag', 3, 0, 0, 0, 0, [field('score', { min: -5, max: 1000 }), field('name', { type: 2, max: 12 })]],
  ],
  [
    ['hit', 0, 0, [field('by', { max: 7 })]], ['spark', 1, 0, [field('x', PLACE)]],
    ['paint', 2, 3, [field('hue', { wraps: 1, max: 360 })]], ['painted', 3, 0, [field('hue', { wraps: 1, max: 360 })]],
  ],
];
export const TOKEN = 'a'.repeat(32);
export const DEVICE = 'd'.repeat(32);
export const INSTANCE = 7;
export const welcome = (over = {}) => {
  const w = { session: TOKEN, device: DEVICE, player: 2, tick: 1000, rate: 20, now: 5_000_000, used: 0, name: 'Ada', room: 'main', ...over };
  const tables = w.kept ? [[], [], 1] : [SCHEMA, [30]];
  return [16, w.session, w.device, INSTANCE, w.player, w.tick, w.rate, 1, w.now, w.used, w.name, w.room, ...tables];
};

/** Time that stands still: timers run when the test moves it on. */
export class World {
  constructor() {
    this.time = 1000;
    this.timers = new Map();
    this.id = 0;
    this.sockets = [];
    this.chance = 0.5;
    const world = this;
    this.WebSocket = class {
      constructor(url, protocol) {
        Object.assign(this, { url, protocol, readyState: 0, sent: [], closedWith: null });
        world.sockets.push(this);
      }
      send(data) { this.sent.push(data); }
      close(code) { this.readyState = 3; this.closedWith = code ?? 1005; }
      open() { this.readyState = 1; this.onopen(); }
      give(value) { this.onmessage({ data: bytes(value).buffer }); }
      fall(code = 1006, reason = '') { this.readyState = 3; this.onclose({ code, reason }); }
    };
    this.hooks = {
      now: () => this.time, random: () => this.chance,
      setTimeout: (run, ms) => { this.timers.set(++this.id, { at: this.time + ms, run }); return this.id; },
      clearTimeout: (id) => this.timers.delete(id),
    };
  }

  get socket() { return this.sockets.at(-1); }

  /** What connect() needs to live in this world. */
  get options() {
    return { url: 'wss://test/play', game: 'test', core: CORE, lane: 1, transports: ['websocket'], WebSocket: this.WebSocket, world: { ...this.hooks, storage: null } };
  }

  /** Moves time on, running what falls due on the way. */
  pass(ms) {
    const end = this.time + ms;
    for (;;) {
      const next = [...this.timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!next) break;
      this.timers.delete(next[0]);
      this.time = Math.max(this.time, next[1].at);
      next[1].run();
    }
    this.time = end;
  }
}
