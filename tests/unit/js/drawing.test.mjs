// What drawing rests on: the moment between two frames, seams and rebirths.
import assert from 'node:assert/strict';
import test from 'node:test';
import { History } from '../../../protocol/js/history.js';
import { connect, memoryStore } from '../../../protocol/js/index.js';
import { welcome, World } from './pretend.mjs';

function play(time = 1000) {
  const world = new World();
  world.time = time;
  const room = connect({ ...world.options, store: memoryStore() });
  const past = new History(room, 'dot');
  world.socket.open();
  world.socket.give(welcome());
  return { world, room, past, give: (advance, ...parts) => world.socket.give([32 + 2 * advance, ...parts]) };
}
const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

test('between two frames things are between two places', () => {
  const { past, give } = play();
  give(0, [], [0, 0, 160, 160, 0, 0, 350]);
  give(1, [0, 0b10001, 32, 20]); // x 10 to 12, hue 350 over 0 to 10
  past.at(1000.25);
  near(past.value(0, past.field('x')), 10.5);
  near(past.value(0, past.field('hue')), 355);
  past.at(1000.75);
  near(past.value(0, past.field('hue')), 5);
});

test('the seam is crossed the short way', () => {
  const { past, give } = play();
  give(0, [], [0, 0, 1590, 0, 0, 0, 0]);
  give(1, [0, 1, 20]); // to 10
  past.at(1000.5);
  near(past.value(0, 0), 0);
});

test('what is born anew is not eased', () => {
  const { past, give } = play();
  give(0, [], [0, 0, 160, 0, 0, 0, 0]);
  give(1, [], [0, 0, 800, 0, 0, 0, 0], [0]);
  past.at(1000.9);
  near(past.value(0, 0), 10);
  past.at(1001);
  near(past.value(0, 0), 50);
});

test('beyond the newest frame things fly on, for a while', () => {
  const { past, give } = play();
  give(0, [], [0, 0, 160, 160, 32, 0, 0]);
  past.at(1001.5); // two steps of 0.0625 a tick
  near(past.value(0, 0), 10 + 3 * 0.0625);
  past.at(9000);
  near(past.value(0, 0), 10 + 40 * 0.0625); // a second's worth
});

test('what is not there yet is not drawn', () => {
  const { past, give } = play();
  give(0);
  give(1, [], [0, 0, 160, 160, 32, 0, 0]);
  past.at(1000.9);
  assert.equal(past.has(0), false);
  past.at(1001);
  assert.equal(past.has(0), true);
});

// ---- As the core has it: at this moment.

test('what is shown: by slot, as arrays and by name, between frames and beyond', () => {
  const { world, room, give } = play();
  assert.equal(room.shown('nothing'), null);
  give(0, [], [0, 0, 160, 160, 16, 0, 350, 1, 0, 320, 0, 0, 0, 10]);
  give(1);
  room.look();
  const dots = room.shown('dot');
  assert.equal(room.shown('dot'), dots);
  assert.deepEqual([dots.count, ...dots.slots.subarray(0, 2), dots.width], [2, 0, 2, 5]);
  assert.deepEqual([dots.at(0), dots.at(1), dots.at(2), dots.at(3), dots.at(-1)], [0, -1, 1, -1, -1]);
  assert.deepEqual([...dots].map(({ slot, kind, x, hue }) => [slot, kind, Math.round(x), hue]), [[0, 'dot', 10, 350], [2, 'dot', 20, 10]]);
  const before = dots.values[dots.field('x')];
  world.pass(500); // ten ticks without a word: it goes on as predicted, one step of place a tick
  room.look();
  near(dots.values[dots.field('x')] - before, 10 * 0.0625);
  assert.equal([...dots][0], [...dots][0]); // views are used again
  assert.equal([...dots][0].born, room.row('dot', 0).born);
});

test('texts and rows that nothing moves are shown as they are', () => {
  const { room, give } = play();
  give(0, [], [5, 0, 7, 'Ada']);
  room.look();
  assert.deepEqual([...room.shown('tag')].map(({ slot, score, name }) => [slot, score, name]), [[1, 7, 'Ada']]);
});

test('options.mine names a field that is there', () => {
  const world = new World();
  assert.throws(() => {
    connect({ ...world.options, store: memoryStore(), mine: { dot: 'colour' } });
    world.socket.open();
    world.socket.give(welcome());
  }, /there is no dot.colour/);
});

test('who looks again after an hour sees things where they are, not on their way there', () => {
  const { world, room, give } = play();
  give(0, [], [0, 0, 160, 160, 16, 0, 0]);
  room.look();
  for (let i = 0; i < 3600; i++) {
    world.pass(1000);
    give(20, [0, 0b100, i % 2 ? 1 : -1]); // news, so that what is shown may be wrong
  }
  room.look();
  const [{ x }] = room.shown('dot');
  world.pass(200); // beyond all easing
  room.look();
  const [{ x: later }] = room.shown('dot');
  assert.ok(Math.abs(later - x) < 1, `${x} and then ${later}`);
});

test('who comes back sees things go on from where they are, before any frame has come', () => {
  for (const time of [1000, 10_000_000]) { // of a page that is younger than the room, and of one that is older
    const { world, room, give } = play(time);
    give(1, [], [0, 0, 160, 160, 16, 0, 0]);
    room.look();
    const [before, tick] = [[...room.shown('dot')][0].x, room.tickNow()];
    world.socket.fall();
    world.pass(500);
    world.socket.open();
    world.socket.give(welcome({ kept: true, tick: room.tick, now: 5_500_000 }));
    room.look();
    near([...room.shown('dot')][0].x - before, 10 * 0.0625);
    near(room.tickNow() - tick, 10);
  }
});
