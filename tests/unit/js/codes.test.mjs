// One table of codes: the package's, the C header's and the specification's say the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { CODES, codeOf } from '../../../protocol/js/index.js';

const root = new URL('../../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
const ours = CODES.map(([code, , retry = false]) => [code, retry]);

test('protocol/codes.h says the same', () => {
  const table = [...read('protocol/codes.h').matchAll(/X\((\d+),\s*\w+,\s*(true|false),\s*"([^"]*)"\)/g)];
  assert.deepEqual(table.map(([, code, retry]) => [Number(code), retry === 'true']), ours);
});

test('docs/protocol.md says the same', () => {
  const table = [...read('docs/protocol.md').matchAll(/^\| (\d{4}) \| ([^|]*) \| (yes|no) \|$/gm)];
  assert.deepEqual(table.map(([, code, , retry]) => [Number(code), retry === 'yes']), ours);
});

test('names are one to one, and a stranger is a lost connection', () => {
  assert.equal(new Set(CODES.map(([, name]) => name)).size, CODES.length);
  assert.deepEqual(codeOf(1006), { code: 1006, name: 'lost', retry: true });
});
