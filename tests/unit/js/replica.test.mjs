// What the core makes of frames, each step worked out by hand from docs/protocol.md, read as a page reads it; and what it
// refuses.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Core, NEWS, STATE } from '../../../protocol/js/core.js';
import { Table } from '../../../protocol/js/rows.js';
import { readSchema, readValues } from '../../../protocol/js/schema.js';
import { bytes, CORE, SCHEMA, welcome } from './pretend.mjs';

/** A core that was welcomed. */
function make(tick = 1000) {
  const core = new Core(CORE);
  core.hello(['test', '', '', '', ''], 1, 0);
  assert.equal(core.take(bytes(welcome({ tick })), 0), NEWS.welcomed);
  const schema = readSchema(core);
  return { core, schema, tables: schema.kinds.map((kind) => new Table(core, kind)) };
}
/** Takes a frame given by its parts: advance, changes, enterings, leavings, stale, events, answers, hash. An advance below zero
 * says that `used`, and perhaps `late`, come next. */
function frame({ core, schema, tables }, [advance, ...parts]) {
  const events = [];
  const news = core.take(bytes([advance < 0 ? 31 - 2 * advance : 32 + 2 * advance, ...parts]), 0);
  for (const table of tables) table.note(core.state[0]);
  if (news !== NEWS.frame) return null;
  for (let at; (at = core.c.event()); ) {
    const [number, record, tick] = core.words.subarray(at / 4, at / 4 + 3);
    const { name, fields } = schema.records[record];
    events.push([name, tick, number, readValues(core, fields, at + 12)]);
  }
  return events;
}
const enter = (client, advance, ...enterings) => frame(client, [advance, [], enterings]);
const dot = (client, slot) => client.tables[0].view(slot);
const held = ({ tables }) => tables.flatMap((table) => Array.from({ length: table.kind.slots }, (_, slot) => slot).filter((slot) => table.has(slot)).map((slot) => table.kind.first + slot));
const raw = ({ tables }, slot) => [...tables[0].raw.subarray(slot * tables[0].width, slot * tables[0].width + 5)];
const rest = ({ tables }, slot) => [...tables[0].raw.subarray(slot * tables[0].width + 5, slot * tables[0].width + 7)];
const refused = (client, parts) => assert.equal(frame(client, parts), null);

test('rows enter by number, of several kinds, and are read by name', () => {
  const client = make();
  enter(client, 0, 1, 0, 160, 320, 0, 0, 200, /* number 4, tag 0: */ 2, 0, 12, 'Ada');
  assert.deepEqual(held(client), [1, 4]);
  assert.equal(dot(client, 1).x, 10);
  assert.equal(dot(client, 1).hue, 200);
  assert.equal(client.tables[1].view(0).name, 'Ada');
  assert.equal(client.tables[1].view(0).score, 12);
  assert.equal(dot(client, 1).number, 1);
});

test('a speed moves a row, with its remainder, and the seam is crossed', () => {
  const client = make();
  enter(client, 0, 0, 0, 1599, 0, 8, 0, 0); // half a step a tick
  frame(client, [1]);
  // 8 × 16 = 128 of 256: rounds up to the next, which is 1600, which is 0, with a remainder of −128.
  assert.deepEqual([raw(client, 0)[0], rest(client, 0)[0]], [0, -128]);
  frame(client, [1]);
  assert.deepEqual([raw(client, 0)[0], rest(client, 0)[0]], [0, 0]);
});

test('a field that does not wrap stops at its ends', () => {
  const client = make();
  enter(client, 0, 0, 0, 0, 1, 0, -100, 0);
  frame(client, [3]);
  assert.deepEqual([raw(client, 0)[1], rest(client, 0)[1]], [0, 0]);
});

test('what is aged is stepped forward, anchored where all are', () => {
  const client = make(1000); // (1000 + 24) mod 256 = 0: row 0 is anchored in tick 1024
  enter(client, 25, 0, 2, 160, 160, 8, 0, 0); // as of 1023, now 1025
  // 1024: half a step on, 161 − ½, then anchored to 161; 1025: 162 − ½.
  assert.deepEqual([raw(client, 0)[0], rest(client, 0)[0]], [162, -128]);
});

test('a change: intents before the step, places after it, then the anchor', () => {
  const client = make();
  enter(client, 0, 0, 0, 160, 160, 0, 0, 350);
  frame(client, [2, [0, 0b10101, 3, 16, 20]]); // x +3, vx +16, hue +20
  // Tick 1 at rest; tick 2 with vx 16: one step, then +3.
  assert.deepEqual(raw(client, 0), [164, 160, 16, 0, 10]);
});

test('a gap below zero: the usual fields change, and no mask says so', () => {
  const client = make();
  enter(client, 0, 0, 0, 160, 160, 0, 0, 0, 0, 0, 320, 320, 0, 0, 0, 2, 0, 5, 'Ada'); // rows 0, 1, 4
  frame(client, [1, [-2, 16, -16, -1, -9]]); // rank 1: its speed; rank 2: its first field
  assert.deepEqual(raw(client, 1), [321, 319, 16, -16, 0]);
  assert.equal(client.tables[1].view(0).score, -4);
  frame(client, [2, [], [], [], [-1, -2, 16, 0]]); // rank 0, stale
  assert.equal(raw(client, 0)[0], 162);
  refused(client, [1, [-4, 0, 0]]); // a rank that is not held
  refused(client, [1, [-1, 16]]); // a value is missing
});

test('a stale change is of its own tick, and flies on from there', () => {
  const client = make();
  enter(client, 0, 0, 0, 160, 160, 16, 0, 0);
  frame(client, [4, [], [], [], [-1, 1, 0b101, 2, 16]]); // in tick 3: x +2, vx +16
  // 1, 2: 162; 3: two steps, 164, and +2: 166; 4: 168.
  assert.equal(raw(client, 0)[0], 168);
  frame(client, [2, [], [], [], [4, 100, 100, 16, 0, 5]]); // whole, as of the tick before
  assert.deepEqual(raw(client, 0), [101, 100, 16, 0, 5]);
});

test('leavings rank in the old set, changes in the new', () => {
  const client = make();
  enter(client, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 2, 2, 0, 0, 2, 0, 0, 3, 3, 0, 0, 3); // rows 0, 1, 2
  frame(client, [1, [1, 0b10000, 7], [3, 0, 4, 4, 0, 0, 4], [1]]); // row 1 leaves, 3 enters, rank 1 is row 2
  assert.deepEqual(held(client), [0, 2, 3]);
  assert.equal(dot(client, 2).hue, 10);
  assert.equal(dot(client, 1).held, false);
});

test('a row that leaves and enters at once is born anew', () => {
  const client = make();
  enter(client, 0, 0, 0, 1, 1, 0, 0, 1);
  const before = dot(client, 0).born;
  frame(client, [1, [], [0, 0, 9, 9, 0, 0, 9], [0]]);
  assert.notEqual(dot(client, 0).born, before);
  assert.equal(dot(client, 0).since, 1001);
});

test('texts change whole', () => {
  const client = make();
  enter(client, 0, 4, 0, 5, 'Ada');
  frame(client, [1, [0, 0b11, -9, 'Grace']]);
  const { score, name } = client.tables[1].view(0);
  assert.deepEqual([score, name], [-4, 'Grace']);
});

test('events are numbered and dated', () => {
  const events = frame(make(), [3, [], [], [], [], [1, 0, 2, 5, 4, 1, 0, 160]]);
  assert.deepEqual(events,
    [['hit', 1001, 1, { by: 5 }], ['spark', 1003, 5, { x: 10 }]]);
});

test('used inputs are counted on', () => {
  const client = make();
  frame(client, [-3, -4, 1]);
  assert.deepEqual([client.core.state[STATE.used], client.core.state[STATE.usedTick]], [3, 1001]);
});

test('the hash is the one of the specification', () => {
  const client = make();
  assert.equal(client.core.hash(), 1n);
  enter(client, 0, 5, 0, -3, 'Ada');
  const [U64, MIX] = [(1n << 64n) - 1n, 0xff51afd7ed558ccdn];
  let h = (0x9e3779b97f4a7c15n * 6n) & U64;
  for (const cell of [0xfffffffdn, 0x616441n, 0n, 0n]) {
    h = ((h ^ cell) * MIX) & U64;
    h ^= h >> 32n;
  }
  assert.equal(client.core.hash(), h);
  frame(client, [1, [], [], [], [], [], [], h]);
  assert.equal(client.core.state[STATE.hashesWrong], 0);
  frame(client, [1, [], [], [], [], [], [], h ^ 1n]);
  assert.deepEqual([...client.core.state.subarray(STATE.hashes, STATE.hashesWrong + 1)], [2, 1]);
});

test('what cannot be is refused', () => {
  const one = () => {
    const client = make();
    enter(client, 0, 0, 0, 160, 160, 0, 0, 0);
    return client;
  };
  refused(one(), [1, [1, 1, 5]]); // no such rank
  refused(one(), [1, [0, 0]]); // an empty change
  refused(one(), [1, [0, 0b100000, 1]]); // no such field
  refused(one(), [1, [0, 0b100, 101]]); // out of range
  refused(one(), [0, [0, 0b100, 1]]); // a change in no time
  refused(one(), [1, [], [0, 0, 1, 1, 0, 0, 0]]); // held already
  refused(one(), [1, [], [7, 0, 1, 'x']]); // no such row
  refused(one(), [1, [], [4, 0, 1, 'twelve bytes']]); // too long for its field
  refused(one(), [1, [], [0, 0, 1600, 1, 0, 0, 0]]); // wraps: 1600 is 0
  refused(one(), [1, [], [0, 256, 1, 1, 0, 0, 0]]); // too old
  refused(one(), [1, [], [], [1]]); // leaves without being held
  refused(one(), [2, [], [], [], [-1, 2, 1, 1]]); // from before the base
  refused(one(), [2, [0, 0b10000, 1], [], [], [-1, 0, 0b10000, 1]]); // told twice
  refused(one(), [1, [], [], [], [], [1, 2, 0, 5]]); // a call is no event
  refused(one(), [1, [], [], [], [], [1, 0]]); // half an event
  refused(one(), [-2, 0]); // inputs used, but none
  refused(one(), [-2, -2, 0]); // used late, but by no tick
});

test('rows that only fly end where each of their ticks leads', () => {
  const [whole, stepped] = [make(900), make(900)];
  for (const client of [whole, stepped]) enter(client, 0, 0, 0, 11, 700, 37, -23, 0, 2, 9, 1500, 3, -99, 71, 0);
  frame(whole, [700]);
  for (let i = 0; i < 700; i++) frame(stepped, [1]);
  assert.deepEqual(whole.tables[0].raw, stepped.tables[0].raw);
});

/** A WELCOME whose tables say otherwise. */
function changed(change) {
  const message = welcome();
  message[12] = structuredClone(SCHEMA);
  change(message[12], message);
  return bytes(message);
}

test('a WELCOME that would lead nowhere is refused, and the rows of before may still be looked at', () => {
  const wrongs = [
    (schema) => { schema[6][2][2] = 31; }, // a call answered by a record that there is not
    (schema) => { schema[6][2][2] = 0; }, // by an event
    (schema) => { schema[5][0][2] = 2; }, // moved by the game's code, outside of its lane
    (schema) => { schema[5].length = 0; schema[6][0][1] = 9; }, // broken behind tables that say that there are no kinds
  ];
  for (const wrong of wrongs) {
    const client = make();
    enter(client, 0, 0, 0, 160, 320, 0, 0, 200);
    assert.equal(client.core.take(changed(wrong), 0), NEWS.broken);
    client.core.c.forget();
    assert.equal(dot(client, 0).x, 10);
    client.core.c.show(0);
    for (const { index } of client.schema.kinds) client.core.c.shown(index);
  }
});

test('what is asked too early, or of another game, brings nothing', () => {
  const core = new Core(CORE);
  core.c.fresh();
  assert.equal(core.take(bytes([34]), 0), NEWS.broken);
  const client = make();
  frame(client, [1, [], [], [], [], [], [[19, 1, 0, 40]]]);
  assert.ok(client.core.c.reply());
  assert.equal(client.core.c.reply_values(31), 0);
});
