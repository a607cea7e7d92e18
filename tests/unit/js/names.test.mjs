// Where the letters of a name stand.
import assert from 'node:assert/strict';
import test from 'node:test';
import { cleanName } from '../../../game/arena/page/src/card.js';
import { Names } from '../../../game/arena/page/src/names.js';

/** An atlas whose letters are 16 pixels from one to the next, and what was put down with them. */
function write() {
  const put = [];
  const letters = { begun: 0, asked: [], of(letter) { this.asked.push(letter); return { width: 22, letter }; } };
  const names = new Names({ atlas: { letters }, names: { put: ({ letter }, x, y) => put.push([letter, x, y]) } });
  return { letters, put, names };
}

test('letters stand side by side, their middle where the name is wanted', () => {
  const { put, names } = write();
  names.put('Ada', 100, 50, 0xffffff, 1);
  assert.deepEqual(put, [['A', 92, 50], ['d', 100, 50], ['a', 108, 50]]);
});

test('an accent stays with its letter, and a face is one', () => {
  const { put, names } = write();
  names.put('e\u0301👩‍🚀', 0, 0, 0, 1);
  assert.deepEqual(put.map(([letter]) => letter), ['e\u0301', '👩‍🚀']);
});

test('what is written from the right, or joined, is painted as one', () => {
  for (const name of ['שרה', 'ليلى', 'नेहा']) {
    const { put, names } = write();
    names.put(name, 0, 0, 0, 1);
    assert.deepEqual(put, [[name, 0, 0]]);
  }
});

test('a name is taken apart once, until letters were painted anew', () => {
  const { letters, names } = write();
  names.put('Bo', 0, 0, 0, 1);
  names.put('Bo', 9, 9, 0, 1);
  assert.equal(letters.asked.length, 2);
  letters.begun++;
  names.put('Bo', 0, 0, 0, 1);
  names.put('Bo', 0, 0, 0, 1);
  assert.equal(letters.asked.length, 4);
});

test('a name is what others can read of what was typed', () => {
  const typed = {
    '  Ada  Lovelace ': 'Ada  Lovelace', 'A\u200bd\u2060a\ufeff': 'Ada', 'a\u0007\u202eb': 'ab', '\u200b\u3164\u2800': '', ' \u200d\ufe0f ': '',
    'مرحبا\u200cبك': 'مرحبا\u200cبك', '❤\ufe0f': '❤\ufe0f', '<b>&': '<b>&',
  };
  for (const [name, clean] of Object.entries(typed)) assert.equal(cleanName(name), clean, JSON.stringify(name));
});

test('a name is cut to 23 bytes, and nothing hangs over its end', () => {
  assert.equal(cleanName('W'.repeat(30)), 'W'.repeat(23));
  assert.equal(cleanName('é'.repeat(12)), 'é'.repeat(11));
  assert.equal(cleanName('👩\u200d👩\u200d👧\u200d👦'), '👩\u200d👩\u200d👧');
  assert.equal(cleanName(`${'W'.repeat(22)} Ada`), 'W'.repeat(22));
});
