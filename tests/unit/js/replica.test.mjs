// The replica's steps, each worked out by hand from docs/protocol.md, and what it refuses.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ProtocolError } from '../../../protocol/js/errors.js';
import { Reader } from '../../../protocol/js/msgpack.js';
import { Replica } from '../../../protocol/js/replica.js';
import { readSchema } from '../../../protocol/js/schema.js';
import { bytes, SCHEMA } from './pretend.mjs';

const make = (tick = 1000) => new Replica(readSchema(new Reader(bytes(SCHEMA))), tick, 0);
/** Applies a frame given by its parts: advance, used, late, changes, enterings, leavings, stale, events, answers, hash. */
function frame(replica, parts, events = []) {
  const r = new Reader(bytes([17, ...parts]));
  const count = r.array();
  r.uint();
  return replica.apply(r, count, (event) => events.push(event));
}
const enter = (replica, advance, ...enterings) => frame(replica, [advance, 0, 0, [], enterings]);
const dot = (replica, slot) => replica.tables[0].view(slot);
const held = (replica) => [...replica.list.subarray(0, replica.count)];
const refused = (replica, parts) => assert.throws(() => frame(replica, parts), ProtocolError);

test('rows enter by number, of several kinds, and are read by name', () => {
  const replica = make();
  enter(replica, 0, 1, 0, 160, 320, 0, 0, 200, /* number 4, tag 0: */ 2, 0, 12, 'Ada');
  assert.deepEqual(held(replica), [1, 4]);
  assert.equal(dot(replica, 1).x, 10);
  assert.equal(dot(replica, 1).hue, 200);
  assert.equal(replica.tables[1].view(0).name, 'Ada');
  assert.equal(replica.tables[1].view(0).score, 12);
  assert.equal(dot(replica, 1).number, 1);
});

test('a speed moves a row, with its remainder, and the seam is crossed', () => {
  const replica = make();
  enter(replica, 0, 0, 0, 1599, 0, 8, 0, 0); // half a step a tick
  frame(replica, [1]);
  // 8 × 16 = 128 of 256: rounds up to the next, which is 1600, which is 0, with a remainder of −128.
  assert.equal(replica.tables[0].raw[0], 0);
  assert.equal(replica.tables[0].rest[0], -128);
  frame(replica, [1]);
  assert.deepEqual([replica.tables[0].raw[0], replica.tables[0].rest[0]], [0, 0]);
});

test('a field that does not wrap stops at its ends', () => {
  const replica = make();
  enter(replica, 0, 0, 0, 0, 1, 0, -100, 0);
  frame(replica, [3]);
  assert.deepEqual([replica.tables[0].raw[1], replica.tables[0].rest[1]], [0, 0]);
});

test('what is aged is stepped forward, anchored where all are', () => {
  const replica = make(1000); // (1000 + 24) mod 256 = 0: row 0 is anchored in tick 1024
  enter(replica, 25, 0, 2, 160, 160, 8, 0, 0); // as of 1023, now 1025
  // 1024: half a step on, 161 − ½, then anchored to 161; 1025: 162 − ½.
  assert.deepEqual([replica.tables[0].raw[0], replica.tables[0].rest[0]], [162, -128]);
});

test('a change: intents before the step, places after it, then the anchor', () => {
  const replica = make();
  enter(replica, 0, 0, 0, 160, 160, 0, 0, 350);
  frame(replica, [2, 0, 0, [0, 0b10101, 3, 16, 20]]); // x +3, vx +16, hue +20
  // Tick 1 at rest; tick 2 with vx 16: one step, then +3.
  assert.deepEqual([...replica.tables[0].raw.subarray(0, 5)], [164, 160, 16, 0, 10]);
});

test('a gap below zero: the usual fields change, and no mask says so', () => {
  const replica = make();
  enter(replica, 0, 0, 0, 160, 160, 0, 0, 0, 0, 0, 320, 320, 0, 0, 0, 2, 0, 5, 'Ada'); // rows 0, 1, 4
  frame(replica, [1, 0, 0, [-2, 16, -16, -1, -9]]); // rank 1: its speed; rank 2: its first field
  assert.deepEqual([...replica.tables[0].raw.subarray(5, 10)], [321, 319, 16, -16, 0]);
  assert.equal(replica.tables[1].view(0).score, -4);
  frame(replica, [2, 0, 0, [], [], [], [-1, -2, 16, 0]]); // rank 0, stale
  assert.equal(replica.tables[0].raw[0], 162);
  refused(replica, [1, 0, 0, [-4, 0, 0]]); // a rank that is not held
  refused(replica, [1, 0, 0, [-1, 16]]); // a value is missing
});

test('a stale change is of its own tick, and flies on from there', () => {
  const replica = make();
  enter(replica, 0, 0, 0, 160, 160, 16, 0, 0);
  frame(replica, [4, 0, 0, [], [], [], [-1, 1, 0b101, 2, 16]]); // in tick 3: x +2, vx +16
  // 1, 2: 162; 3: two steps, 164, and +2: 166; 4: 168.
  assert.equal(replica.tables[0].raw[0], 168);
  frame(replica, [2, 0, 0, [], [], [], [4, 100, 100, 16, 0, 5]]); // whole, as of the tick before
  assert.deepEqual([...replica.tables[0].raw.subarray(0, 5)], [101, 100, 16, 0, 5]);
});

test('leavings rank in the old set, changes in the new', () => {
  const replica = make();
  enter(replica, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 2, 2, 0, 0, 2, 0, 0, 3, 3, 0, 0, 3); // rows 0, 1, 2
  frame(replica, [1, 0, 0, [1, 0b10000, 7], [3, 0, 4, 4, 0, 0, 4], [1]]); // row 1 leaves, 3 enters, rank 1 is row 2
  assert.deepEqual(held(replica), [0, 2, 3]);
  assert.equal(dot(replica, 2).hue, 10);
  assert.equal(dot(replica, 1).held, false);
});

test('a row that leaves and enters at once is born anew', () => {
  const replica = make();
  enter(replica, 0, 0, 0, 1, 1, 0, 0, 1);
  const before = dot(replica, 0).born;
  frame(replica, [1, 0, 0, [], [0, 0, 9, 9, 0, 0, 9], [0]]);
  assert.notEqual(dot(replica, 0).born, before);
  assert.equal(dot(replica, 0).since, 1001);
});

test('texts change whole', () => {
  const replica = make();
  enter(replica, 0, 4, 0, 5, 'Ada');
  frame(replica, [1, 0, 0, [0, 0b11, -9, 'Grace']]);
  const { score, name } = replica.tables[1].view(0);
  assert.deepEqual([score, name], [-4, 'Grace']);
});

test('events come before rows change, numbered and dated', () => {
  const replica = make();
  const events = [];
  frame(replica, [3, 0, 0, [], [], [], [], [1, 0, 2, 5, 4, 1, 0, 160]], events);
  assert.deepEqual(events.map(({ name, tick, number, values }) => [name, tick, number, values]),
    [['hit', 1001, 1, { by: 5 }], ['spark', 1003, 5, { x: 10 }]]);
});

test('used inputs are counted on', () => {
  const replica = make();
  frame(replica, [2, 3, 1]);
  assert.deepEqual([replica.used, replica.usedAt], [3, 1001]);
});

test('the hash is the one of the specification', () => {
  const replica = make();
  assert.equal(replica.hash(), 1n);
  enter(replica, 0, 5, 0, -3, 'Ada');
  const [U64, MIX] = [(1n << 64n) - 1n, 0xff51afd7ed558ccdn];
  let h = (0x9e3779b97f4a7c15n * 6n) & U64;
  for (const cell of [0xfffffffdn, 0x616441n, 0n, 0n]) {
    h = ((h ^ cell) * MIX) & U64;
    h ^= h >> 32n;
  }
  assert.equal(replica.hash(), h);
  assert.equal(frame(replica, [1, 0, 0, [], [], [], [], [], [], h]).stated, h);
});

test('what cannot be is refused', () => {
  const one = () => {
    const replica = make();
    enter(replica, 0, 0, 0, 160, 160, 0, 0, 0);
    return replica;
  };
  refused(one(), [1, 0, 0, [1, 1, 5]]); // no such rank
  refused(one(), [1, 0, 0, [0, 0]]); // an empty change
  refused(one(), [1, 0, 0, [0, 0b100000, 1]]); // no such field
  refused(one(), [1, 0, 0, [0, 0b100, 101]]); // out of range
  refused(one(), [0, 0, 0, [0, 0b100, 1]]); // a change in no time
  refused(one(), [1, 0, 0, [], [0, 0, 1, 1, 0, 0, 0]]); // held already
  refused(one(), [1, 0, 0, [], [7, 0, 1, 'x']]); // no such row
  refused(one(), [1, 0, 0, [], [4, 0, 1, 'twelve bytes']]); // too long for its field
  refused(one(), [1, 0, 0, [], [0, 0, 1600, 1, 0, 0, 0]]); // wraps: 1600 is 0
  refused(one(), [1, 0, 0, [], [0, 256, 1, 1, 0, 0, 0]]); // too old
  refused(one(), [1, 0, 0, [], [], [1]]); // leaves without being held
  refused(one(), [2, 0, 0, [], [], [], [-1, 2, 1, 1]]); // from before the base
  refused(one(), [2, 0, 0, [0, 0b10000, 1], [], [], [-1, 0, 0b10000, 1]]); // told twice
  refused(one(), [1, 0, 0, [], [], [], [], [1, 2, 0, 5]]); // a call is no event
  refused(one(), [1, 0, 0, [], [], [], [], [1, 0]]); // half an event
});

test('random frames never break it otherwise', () => {
  let seed = 7;
  const roll = (n) => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8) % n;
  const list = () => Array.from({ length: roll(9) }, () => (roll(12) ? roll(9) - 1 : 'x'));
  let well = 0;
  for (let round = 0; round < 4000; round++) {
    const replica = make(roll(5000));
    try {
      for (let step = 0; step < 5; step++, well++) frame(replica, [roll(3), roll(2), roll(2), list(), step ? list() : [0, 0, 160, 160, roll(99), 0, 0], list(), list(), list()].slice(0, 1 + roll(8)));
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error.stack));
    }
  }
  assert.ok(well > 1000);
});

test('rows that only fly end where each of their ticks leads', () => {
  const [whole, stepped] = [make(900), make(900)];
  for (const replica of [whole, stepped]) enter(replica, 0, 0, 0, 11, 700, 37, -23, 0, 2, 9, 1500, 3, -99, 71, 0);
  frame(whole, [700]);
  for (let i = 0; i < 700; i++) frame(stepped, [1]);
  assert.deepEqual(whole.tables[0].raw, stepped.tables[0].raw);
  assert.deepEqual(whole.tables[0].rest, stepped.tables[0].rest);
});
