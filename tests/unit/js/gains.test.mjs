// What a pilot gained is shown, and nothing else.
import assert from 'node:assert/strict';
import test from 'node:test';

globalThis.matchMedia = () => ({ matches: true, addEventListener() {} });
globalThis.document = { documentElement: { classList: { toggle() {} } } };
const { Gains } = await import('../../../game/arena/page/src/gains.js');

/** Draws one picture with this score and gives what is to be read in it. */
function pictures() {
  const put = [];
  const letters = { begun: 0, of: (letter) => ({ width: 22, letter }) };
  const world = { room: { player: 0, row: () => world.pilot }, pilot: null };
  const scene = { atlas: { letters }, names: { put: ({ letter }) => put.push(letter) } };
  const gains = new Gains(scene, world, { body: { x: 0, y: 0 } });
  return (now, score, born = 1) => {
    world.pilot = { score, born };
    gains.draw({ right: () => 0, below: () => 0 }, now);
    return put.splice(0).join('');
  };
}

test('what was there before is no gain', () => {
  const draw = pictures();
  assert.equal(draw(0, 500), '');
  assert.equal(draw(1, 500), '');
  assert.equal(draw(2, 900, 2), '', 'another pilot\'s score');
});

test('a gain is shown for a moment, and those together as one', () => {
  const draw = pictures();
  draw(0, 500);
  assert.equal(draw(1, 600), '+100');
  assert.equal(draw(1.2, 605), '+105');
  assert.equal(draw(1.9, 625), '+105+20');
  assert.equal(draw(2.3, 625), '+20');
  assert.equal(draw(3.5, 625), '');
});

test('a loss is not shown', () => {
  const draw = pictures();
  draw(0, 500);
  assert.equal(draw(1, 450), '');
  assert.equal(draw(2, 500), '+50');
});
