// Whatever ends a conversation, the arena's page has words for it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { CODES } from '../../../protocol/js/codes.js';
import { again, inLine, isFull, why } from '../../../game/arena/page/src/words.js';

test('each code has a sentence of its own, none of them the protocol\'s', () => {
  const others = ['lost', 'protocol', 'hash', 'no-core'].map((code) => [0, code, false, 'as the protocol says']);
  for (const [, code, , text] of [...CODES, ...others]) {
    const words = why({ code, message: text });
    assert.match(words, /^[A-Z].*\.$/, code);
    assert.notEqual(words, `${text}.`, code);
  }
});

test('what nobody foresaw is told as it is, and nothing as nothing', () => {
  assert.equal(why({ code: 'new', message: 'The moon is full' }), 'The moon is full.');
  assert.equal(why(null), '');
});

test('too many who want to play are no fault', () => {
  assert.deepEqual(['server-full', 'room-full', 'lost'].map((code) => isFull({ code })), [true, true, false]);
  assert.equal(isFull(null), false);
});

test('places in the line, and when it is tried again', () => {
  assert.deepEqual([1, 2, 5].map(inLine), ['You are next in line', '1 before you in line', '4 before you in line']);
  assert.equal(again({ state: 'waiting', retryAt: performance.now() + 3900 }), 'Trying again in 4 s …');
  assert.equal(again({ state: 'connecting', retryAt: 0 }), 'Trying again …');
});
