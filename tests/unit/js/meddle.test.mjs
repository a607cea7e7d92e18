// A line made worse: late, in order, narrow, stalled; and as before when nothing is wished.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Meddler } from '../../../protocol/js/meddle.js';
import { World } from './pretend.mjs';

/** A meddler in pretended time, and when each of its messages came out. */
function line(wish, chance = 0.5) {
  const world = new World();
  world.chance = chance;
  const overflows = [];
  const meddler = new Meddler(() => overflows.push(world.time), world.hooks);
  Object.assign(meddler.wish, wish);
  const came = [];
  const put = (size, way = 'down') => meddler[way](new Uint8Array(size), (bytes) => came.push([world.time - 1000, bytes.length]));
  return { world, meddler, came, overflows, put };
}

test('what is not meddled with passes at once', () => {
  const { came, put } = line({});
  put(3);
  assert.deepEqual(came, [[0, 3]]);
});

test('delay and jitter make it late, and never change the order', () => {
  const { world, came, put } = line({ delay: 100, jitter: 60 });
  put(1);
  world.chance = 0; // the second would be faster
  put(2);
  world.pass(200);
  assert.deepEqual(came, [[130, 1], [130, 2]]);
});

test('a narrow line takes its time for every byte', () => {
  const { world, came, put } = line({ bandwidth: 1000 });
  put(100);
  put(50);
  world.pass(300);
  assert.deepEqual(came, [[100, 100], [150, 50]]);
});

test('what is lost comes again, and holds up what is behind it', () => {
  const { world, came, put } = line({ loss: 0.1 }, 0.05);
  put(1);
  world.chance = 0.9;
  put(2);
  world.pass(300);
  assert.deepEqual(came, [[200, 1], [200, 2]]);
});

test('a stall stops both ways, and ends', () => {
  const { world, came, put } = line({ stall: 500 });
  put(1); // the first only sets when
  world.pass(2600);
  put(2);
  put(3, 'up');
  world.pass(1000);
  assert.deepEqual(came, [[0, 1], [3100, 2], [3100, 3]]);
});

test('when all is fine again, what was held back still comes first', () => {
  const { world, meddler, came, put } = line({ delay: 100 });
  put(1);
  meddler.wish.delay = 0;
  put(2);
  assert.deepEqual(came, []);
  world.pass(100);
  put(3);
  assert.deepEqual(came, [[100, 1], [100, 2], [100, 3]]);
});

test('what is held back is bounded', () => {
  const { overflows, put } = line({ delay: 1000 });
  for (let i = 0; i < 4100; i++) put(1);
  assert.equal(overflows.length, 4);
});
