// The reader of foreign bytes: takes every width, refuses every form that is not ours, never reads beyond the end.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ProtocolError } from '../../../protocol/js/errors.js';
import { Reader, Writer } from '../../../protocol/js/msgpack.js';

const reader = (...bytes) => new Reader(Uint8Array.from(bytes));
const refused = (run) => assert.throws(run, ProtocolError);

test('whole numbers come in any width', () => {
  const five = [[5], [0xcc, 5], [0xcd, 0, 5], [0xce, 0, 0, 0, 5], [0xcf, 0, 0, 0, 0, 0, 0, 0, 5], [0xd0, 5], [0xd1, 0, 5], [0xd2, 0, 0, 0, 5], [0xd3, 0, 0, 0, 0, 0, 0, 0, 5]];
  for (const bytes of five) assert.equal(reader(...bytes).int(), 5);
  assert.equal(reader(0xe0).int(), -32);
  assert.equal(reader(0xd0, 0x80).int(), -128);
  assert.equal(reader(0xd3, ...Array(8).fill(255)).int(), -1);
});

test('what was written is read again', () => {
  const numbers = [0, 1, 127, 128, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, -32, -33, -128, -129, -32768, -32769, -(2 ** 31), -(2 ** 31) - 1];
  const w = new Writer();
  for (const number of numbers) {
    const r = new Reader(w.begin(2).int(number).text('ä😀').end());
    assert.equal(r.array(), 2);
    assert.equal(r.int(), number);
    assert.equal(r.text(), 'ä😀');
    r.done();
  }
});

test('forms that are not ours are refused', () => {
  for (const head of [0x80, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc7, 0xca, 0xcb, 0xd4, 0xde, 0xa1, 0x91]) refused(() => reader(head, 0, 0, 0, 0, 0, 0, 0, 0).int());
  for (const head of [0x80, 0xc4, 0xc7, 0xcb, 0xd4, 0xde]) refused(() => reader(head, 0, 0, 0, 0, 0, 0, 0, 0).skip());
  refused(() => reader(0xcf, ...Array(8).fill(255)).int());
  refused(() => reader(0xff).uint());
  refused(() => reader(0xa2, 0xc3, 0x28).text());
});

test('counts and sizes cannot promise more than there is', () => {
  refused(() => reader(0xdd, 0xff, 0xff, 0xff, 0xff).array());
  refused(() => reader(0x92, 1).array());
  refused(() => reader(0xdb, 0xff, 0xff, 0xff, 0xff, 1).text());
  refused(() => reader(0xa5, 65).text());
  refused(() => reader(0xa5, 65, 65, 65, 65, 65).text(4));
  refused(() => reader(0xd9).skip());
  refused(() => reader(0xda, 9).skip());
  refused(() => reader().int());
  refused(() => reader(...Array(9).fill(0x91), 1).skip());
  refused(() => reader(1, 1).done());
});

test('nothing else ever escapes from random bytes', () => {
  let seed = 1;
  const roll = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8;
  for (let round = 0; round < 30000; round++) {
    const r = reader(...Array.from({ length: roll() % 24 }, () => roll() % 256));
    try {
      for (let step = 0; step < 8; step++) [() => r.int(), () => r.text(), () => r.array(), () => r.skip(), () => r.big(), () => r.float()][roll() % 6]();
      r.done();
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error));
    }
    assert.ok(r.at <= r.bytes.length);
  }
});

test('a message up is bounded', () => {
  const w = new Writer(8);
  refused(() => w.begin(1).text('longer than that'));
  assert.throws(() => w.begin(1).int(0.5), RangeError);
});
