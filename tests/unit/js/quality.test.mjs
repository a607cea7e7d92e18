// How finely the arena is drawn: down when pictures are too few, up again when there are enough, and no fidgeting.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Quality } from '../../../game/arena/page/src/quality.js';

/** Pictures for so many seconds, as many a second as `rate` says of the quality; how often it changed. */
function draw(seconds, rate, quality = new Quality(() => quality.changes++)) {
  quality.changes = 0;
  for (let past = 0; past < seconds;) {
    const each = 1 / rate(quality);
    quality.picture(each);
    past += each;
  }
  return quality;
}

test('a fluid picture is left as it is', () => {
  const quality = draw(600, () => 60);
  assert.deepEqual([quality.step, quality.changes, quality.pixels, quality.sparks, quality.names], [0, 0, 1, 1, Infinity]);
});

test('too few pictures: it goes down as long as that helps', () => {
  const quality = draw(20, ({ pixels }) => 12 / pixels);
  assert.equal(quality.pixels, 0.5);
  assert.ok(quality.sparks < 1 && quality.names < Infinity);
});

test('where fewer pixels bring nothing they come back, and are seldom taken again', () => {
  const quality = draw(600, () => 25); // as with a screen that shows no more
  assert.equal(quality.step, 0);
  assert.ok(quality.changes <= 22, String(quality.changes));
});

test('when it is fluid again it goes up', () => {
  const quality = draw(20, ({ pixels }) => 12 / pixels);
  draw(40, () => 60, quality);
  assert.equal(quality.step, 0);
});

test('up and down again: each time it waits longer', () => {
  const quality = draw(1200, ({ step }) => (step ? 60 : 20));
  assert.ok(quality.changes < 40, String(quality.changes));
});

test('a tab that slept was not slow', () => {
  const quality = draw(0, () => 60);
  for (let i = 0; i < 100; i++) quality.picture(10);
  assert.equal(quality.changes, 0);
});
