// What drawing rests on: the moment between two frames, seams, rebirths, and clocks that glide.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ServerClock, TickClock } from '../../../protocol/js/clock.js';
import { connect, History, memoryStore } from '../../../protocol/js/index.js';
import { welcome, World } from './pretend.mjs';

function play() {
  const world = new World();
  const room = connect({ url: 'wss://test/play', game: 'test', store: memoryStore(), WebSocket: world.WebSocket, world: world.hooks });
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

test('the tick clock follows the earliest frames, and learns the jitter', () => {
  const clock = new TickClock();
  clock.reset(0, 0, 20);
  for (let tick = 1; tick <= 100; tick++) clock.note(tick * 50 + (tick % 4 ? 0 : 30), tick);
  near(clock.tick(5000), 100);
  assert.ok(clock.jitter > 1 && clock.jitter < 30);
});

test('the tick clock glides when it was a little off, and jumps when far', () => {
  const clock = new TickClock();
  clock.reset(0, 0, 20);
  clock.note(10, 1); // 40 ms earlier than thought
  near(clock.tick(20), (20 + 20 * 0.05) / 50);
  clock.note(20, 100);
  near(clock.tick(20), 100);
});

test('the server clock believes the quickest answer', () => {
  const clock = new ServerClock();
  clock.guess(0, 1000);
  clock.sample(0, 1040, 1040, 100); // slow on its way back: looks 10 ms behind
  clock.sample(100, 1120, 1120, 140);
  near(clock.time(140 + 1000), 2140);
});
