// What drawing rests on: the moment between two frames, seams and rebirths.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, History, memoryStore } from '../../../protocol/js/index.js';
import { welcome, World } from './pretend.mjs';

function play() {
  const world = new World();
  const room = connect({ ...world.options, store: memoryStore() });
  const past = new History(room, 'dot');
  world.socket.open();
  world.socket.give(welcome());
  return { world, room, past, give: (...parts) => world.socket.give([17, ...parts]) };
}
const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

test('between two frames things are between two places', () => {
  const { past, give } = play();
  give(0, 0, 0, [], [0, 0, 160, 160, 0, 0, 350]);
  give(1, 0, 0, [0, 0b10001, 32, 20]); // x 10 to 12, hue 350 over 0 to 10
  past.at(1000.25);
  near(past.value(0, past.field('x')), 10.5);
  near(past.value(0, past.field('hue')), 355);
  past.at(1000.75);
  near(past.value(0, past.field('hue')), 5);
});

test('the seam is crossed the short way', () => {
  const { past, give } = play();
  give(0, 0, 0, [], [0, 0, 1590, 0, 0, 0, 0]);
  give(1, 0, 0, [0, 1, 20]); // to 10
  past.at(1000.5);
  near(past.value(0, 0), 0);
});

test('what is born anew is not eased', () => {
  const { past, give } = play();
  give(0, 0, 0, [], [0, 0, 160, 0, 0, 0, 0]);
  give(1, 0, 0, [], [0, 0, 800, 0, 0, 0, 0], [0]);
  past.at(1000.9);
  near(past.value(0, 0), 10);
  past.at(1001);
  near(past.value(0, 0), 50);
});

test('beyond the newest frame things fly on, for a while', () => {
  const { past, give } = play();
  give(0, 0, 0, [], [0, 0, 160, 160, 32, 0, 0]);
  past.at(1001.5); // two steps of 0.0625 a tick
  near(past.value(0, 0), 10 + 3 * 0.0625);
  past.at(9000);
  near(past.value(0, 0), 10 + 40 * 0.0625); // a second's worth
});

test('what is not there yet is not drawn', () => {
  const { past, give } = play();
  give(0);
  give(1, 0, 0, [], [0, 0, 160, 160, 32, 0, 0]);
  past.at(1000.9);
  assert.equal(past.has(0), false);
  past.at(1001);
  assert.equal(past.has(0), true);
});
