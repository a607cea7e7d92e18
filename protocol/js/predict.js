// What a row becomes if nothing unforeseen happens: `linear` prediction in whole numbers, exactly as
// docs/protocol.md has it, and the anchoring that keeps rounding alike on both sides.

/** @typedef {import('./rows.js').Table} Table */

/** One step of one of the two places. @param {Table} table @param {number} slot @param {0|1} i */
function stepField(table, slot, i) {
  const { raw, rest, kind } = table;
  const at = slot * table.width + i;
  const field = kind.fields[i];
  const move = i === 0 ? kind.moveX : kind.moveY;
  const fine = raw[at] * 256 + rest[slot * 2 + i] + Math.floor((raw[at + 2] * move + 32768) / 65536);
  let whole = Math.floor((fine + 128) / 256);
  let remainder = fine - whole * 256;
  if (field.wraps) whole = field.wrap(whole);
  else if (whole < field.min) (whole = field.min), (remainder = 0);
  else if (whole > field.max) (whole = field.max), (remainder = 0);
  raw[at] = whole;
  rest[slot * 2 + i] = remainder;
}

/** One step of a row by its predictor. @param {Table} table @param {number} slot */
export function step(table, slot) {
  if (!table.kind.linear) return;
  stepField(table, slot, 0);
  stepField(table, slot, 1);
}

/** Rounds a row's predicted fields to their wire step. @param {Table} table @param {number} slot */
export function anchor(table, slot) {
  if (table.kind.linear) table.rest[slot * 2] = table.rest[slot * 2 + 1] = 0;
}

/** Steps a row from one tick to another, anchoring where every row is anchored unasked. @param {Table} table
 * @param {number} slot @param {number} from @param {number} to */
export function advance(table, slot, from, to) {
  if (!table.kind.linear) return;
  const number = table.kind.first + slot;
  for (let tick = from + 1; tick <= to; tick++) {
    step(table, slot);
    if ((tick + number) % 256 === 0) anchor(table, slot);
  }
}
