// The hash of all held rows, with which server and client prove to each other that they hold the same.
import { TYPE_TEXT } from './schema.js';

/** @typedef {import('./rows.js').Table} Table */

const SEED = 0x9e3779b97f4a7c15n;
const MIX = 0xff51afd7ed558ccdn;
const U64 = 0xffffffffffffffffn;
const toUtf8 = new TextEncoder();
const padded = new Uint8Array(256);
const cells = new DataView(padded.buffer);

function mix(/** @type {bigint} */ h, /** @type {number} */ cell) {
  h = ((h ^ BigInt(cell)) * MIX) & U64;
  return h ^ (h >> 32n);
}

/** @param {Table} table @param {number} slot */
function hashRow(table, slot) {
  let h = (SEED * BigInt(table.kind.first + slot + 1)) & U64;
  for (const field of table.kind.fields) {
    const at = slot * table.width + field.index;
    if (field.type !== TYPE_TEXT) {
      h = mix(h, table.raw[at] >>> 0);
      continue;
    }
    padded.fill(0);
    toUtf8.encodeInto(table.texts[at], padded);
    for (let cell = 0; cell < field.cells; cell++) h = mix(h, cells.getUint32(cell * 4, true));
  }
  return h;
}

/** The sum over all held rows; never 0, which stands for "not stated". @param {Table[]} tables */
export function hashRows(tables) {
  let sum = 0n;
  for (const table of tables) {
    for (let slot = 0; slot < table.kind.slots; slot++) {
      if (table.held[slot]) sum += hashRow(table, slot);
    }
  }
  return (sum & U64) || 1n;
}
