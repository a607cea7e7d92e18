// The conversation against a pretended server: hello, acknowledgements, inputs, answers, and every way back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { CallError, ClosedError, connect, HashError, memoryStore } from '../../../protocol/js/index.js';
import { unpack } from '../../golden/decoder/elements.mjs';
import { CORE, CORE_BYTES, DEVICE, INSTANCE, TOKEN, welcome, World } from './pretend.mjs';

const [HELLO, INPUT, ACK, PING, CALL, BYE] = [0, 1, 2, 3, 4, 5];

/** A room in a pretended world. */
function open(options = {}) {
  const world = new World();
  const states = [];
  const errors = [];
  const room = connect({ ...world.options, name: 'Ada', store: memoryStore(), ...options });
  room.on('state', (state) => states.push(state));
  room.on('error', (error) => errors.push(error));
  return { world, room, states, errors };
}

/** …that plays. */
function play(options) {
  const all = open(options);
  all.world.socket.open();
  all.world.socket.give(welcome());
  all.world.socket.give([32]);
  return all;
}

const sent = (socket, number) => socket.sent.map((data) => unpack(data)).filter((message) => message[0] === number);
const last = (socket, number) => sent(socket, number).at(-1);

test('says hello and plays with the first frame', async () => {
  const { world, room, states } = open({ room: 'den' });
  assert.equal(world.socket.protocol, 'tidewire.1');
  world.socket.open();
  assert.deepEqual(last(world.socket, HELLO), [HELLO, 'test', 'den', 'Ada', '', '', 1]);
  world.socket.give(welcome());
  assert.equal(room.state, 'connecting');
  world.socket.give([32, [], [0, 0, 16, 16, 0, 0, 0]]);
  assert.deepEqual(states, ['playing']);
  assert.equal(await room.ready, room);
  assert.equal(room.row('dot', 0).x, 1);
  assert.equal(room.row('dot', 1), null);
  assert.deepEqual([...room.rows('dot')].length, 1);
  assert.deepEqual(room.rules, { speed: 15 });
  assert.equal(room.store.get(), DEVICE);
});

test('acknowledges every frame, alone if no input goes', () => {
  const { world } = play();
  world.socket.give([34]);
  world.socket.give([38]);
  assert.deepEqual(sent(world.socket, ACK), [[ACK, 1001], [ACK, 1004]]);
});

test('acknowledges as seldom as it is told to', () => {
  const { world } = play();
  const acks = () => sent(world.socket, ACK).map(([, tick]) => tick);
  const frames = (count, ...more) => { for (; count; count--) world.socket.give([34, ...more]); };
  world.socket.give([34, [], [], [], [], [], [[24, 3]]]);
  assert.deepEqual(acks(), []);
  frames(5);
  assert.deepEqual(acks(), [1002, 1005]);
  world.socket.give([34, [], [], [], [], [], [[24, 1]]]);
  frames(1);
  assert.deepEqual(acks(), [1002, 1005, 1007, 1008]);
});

test('an input that says nothing new is not sent; one that does goes at once', () => {
  const { world, room } = play();
  const inputs = () => sent(world.socket, INPUT).map(([, sequence, , push]) => [sequence, push]);
  room.input({ push: 0 });
  assert.deepEqual(inputs(), [[1, 0]], 'the first says where one begins');
  for (let i = 0; i < 20; i++) (world.pass(50), room.input({ push: 0 }));
  assert.equal(inputs().length, 1);
  world.pass(20);
  room.input({ push: 5 });
  assert.deepEqual(inputs().at(-1), [2, 5]);
  world.pass(20);
  room.input({ push: 6 });
  room.input({ push: 7 });
  assert.equal(inputs().length, 2, 'one a tick');
  world.pass(50);
  assert.deepEqual(inputs().slice(2), [[3, 7]]);
});

test('who holds still acknowledges alone, also right after an input', () => {
  const { world, room } = play();
  room.input({ push: 3 });
  for (let i = 0; i < 3; i++) {
    world.socket.give([34]);
    world.pass(25);
  }
  assert.deepEqual(sent(world.socket, ACK).map(([, tick]) => tick), [1001, 1002, 1003]);
});

test('inputs go once a tick, and carry the acknowledgement', () => {
  const { world, room } = play();
  room.input({ push: 3, fire: 0 });
  assert.deepEqual(last(world.socket, INPUT), [INPUT, 1, 1000, 3, 0]);
  room.input({ push: 3 });
  assert.equal(sent(world.socket, INPUT).length, 1);
  room.input({ push: 99, fire: 1 }); // clamped to its range
  room.input({ push: -2.4, fire: 1 });
  assert.equal(sent(world.socket, INPUT).length, 1);
  world.socket.give([34]);
  world.pass(50);
  assert.deepEqual(last(world.socket, INPUT).slice(0, 5), [INPUT, 2, 1001, -2, 1]); // and what was looked at
  assert.throws(() => room.input({ push: NaN }), RangeError);
});

test('the clock is set by four stamps', () => {
  const { world, room } = play();
  const ping = last(world.socket, PING);
  world.pass(60);
  world.socket.give([34, [], [], [], [], [], [[18, ping[1], 5_040_000, 20_000]]]);
  assert.equal(room.rtt, 40);
  for (let i = 0; i < 40; i++) (world.pass(50), world.socket.give([34]));
  assert.ok(Math.abs(room.serverTime() - 7080) < 1, String(room.serverTime()));
});

test('a call is answered, refused, or too late', async () => {
  const { world, room } = play();
  const answered = room.call('paint', { hue: 400 });
  assert.deepEqual(last(world.socket, CALL), [CALL, 1, 2, 40]);
  world.socket.give([34, [], [], [], [], [], [[19, 1, 0, 40]]]);
  assert.deepEqual(await answered, { hue: 40 });
  const refused = room.call('paint', { hue: 1 });
  world.socket.give([34, [], [], [], [], [], [[19, 2, 9]]]);
  await assert.rejects(refused, (error) => error instanceof CallError && error.status === 9);
  const late = room.call('paint', {}, { timeout: 100 });
  world.pass(100);
  await assert.rejects(late, { code: 'timeout' });
  world.socket.give([34, [], [], [], [], [], [[19, 3, 0, 5]]]); // nobody waits any more
  assert.equal(room.state, 'playing');
  await assert.rejects(room.call('dance'), { code: 'unknown' });
  const lost = room.call('paint');
  world.socket.fall();
  await assert.rejects(lost, { code: 'lost' });
  await assert.rejects(room.call('paint'), { code: 'lost' });
});

test('comes back with its session, and its inputs go on', () => {
  const { world, room, states } = play();
  room.input({ push: 1 });
  world.socket.fall(1006);
  assert.equal(room.state, 'waiting');
  world.pass(500);
  assert.equal(world.sockets.length, 2);
  world.socket.open();
  assert.deepEqual(last(world.socket, HELLO), [HELLO, 'test', '', 'Ada', DEVICE, TOKEN, 1, 0, 0, INSTANCE, 1000, 0]);
  world.socket.give(welcome({ tick: 1400, used: 1 }));
  assert.equal(sent(world.socket, INPUT).length, 0, 'not before a frame');
  world.socket.give([34]);
  assert.deepEqual(last(world.socket, INPUT), [INPUT, 2, 1401, 1, 0]);
  assert.deepEqual(states, ['playing', 'waiting', 'connecting', 'playing']);
  assert.equal(room.error, null);
  assert.equal(room.stats.reconnects, 1);
});

test('an attempt says that it begins and fails, and who came into line with it keeps the place', () => {
  const { world, room, states } = play();
  world.socket.fall(1006);
  world.pass(500);
  assert.deepEqual([room.state, room.error.code], ['connecting', 'lost']);
  world.socket.fall(1006);
  world.pass(1000);
  world.socket.open();
  world.socket.give([21, 7]);
  room.wake();
  assert.deepEqual([room.state, room.place, world.sockets.length], ['connecting', 7, 3]);
  assert.deepEqual(states, ['playing', 'waiting', 'connecting', 'waiting', 'connecting']);
});

test('a new session counts its inputs anew', () => {
  const { world, room } = play();
  room.input({ push: 1 });
  world.socket.fall(1006);
  world.pass(500);
  world.socket.open();
  world.socket.give(welcome({ session: 'b'.repeat(32) }));
  world.socket.give([32]);
  assert.ok(last(world.socket, INPUT)[1] >= 1);
});

test('what was held is kept, and inputs that were not used are said again', () => {
  const { world, room } = play();
  world.socket.give([32, [], [0, 0, 16, 16, 0, 0, 0]]);
  for (const push of [1, 2, 3]) (room.input({ push }), world.pass(50));
  world.socket.fall(1006);
  world.pass(500);
  world.socket.open();
  world.socket.give(welcome({ used: 1, kept: true }));
  assert.equal(room.row('dot', 0).x, 1);
  assert.deepEqual(sent(world.socket, INPUT).map(([, sequence, , push]) => [sequence, push]), [[2, 2], [3, 3]]);
  world.socket.give([34]);
  assert.deepEqual(last(world.socket, INPUT).slice(0, 4), [INPUT, 4, 1001, 3], 'what is wanted now');
  assert.equal(room.state, 'playing');
});

test('waits twice as long each time, with full jitter, 15 s at most', () => {
  const { world, room } = open();
  world.chance = 1;
  const waits = [];
  for (let i = 0; i < 8; i++) {
    world.socket.fall(1006);
    waits.push(room.retryAt - world.time);
    world.pass(waits.at(-1));
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
  world.chance = 0.1;
  world.socket.fall(1006);
  assert.equal(room.retryAt - world.time, 1500);
  room.wake();
  assert.equal(world.sockets.length, 10);
});

test('a stable stretch makes the next drop the first', () => {
  const { world, room } = open();
  for (let i = 0; i < 4; i++) (world.socket.fall(1006), world.pass(room.retryAt - world.time));
  world.socket.open();
  world.socket.give(welcome());
  world.socket.give([32]);
  for (let i = 0; i < 10; i++) (world.pass(1000), world.socket.give([72]));
  world.socket.fall(1006);
  assert.equal(room.retryAt - world.time, 250);
});

test('a goodbye that says when is obeyed', () => {
  const { world, room } = play();
  world.socket.give([20, 4001, 'server shutting down', 3000]);
  assert.equal(room.state, 'waiting');
  assert.equal(room.retryAt - world.time, 3000);
  assert.ok(room.error instanceof ClosedError && room.error.close === 4001 && room.error.retry);
});

test('a goodbye for good is one', async () => {
  const { world, room } = open();
  world.socket.open();
  world.socket.give([20, 4013, 'bad name', 0]);
  assert.equal(room.state, 'over');
  await assert.rejects(room.ready, { code: 'bad-name', close: 4013 });
  world.pass(60000);
  assert.equal(world.sockets.length, 1);
  room.rejoin({ name: 'Grace' });
  world.socket.open();
  assert.equal(last(world.socket, HELLO)[3], 'Grace');
});

test('the close frame alone says as much', () => {
  const { world, room } = play();
  world.socket.fall(4032, 'session taken over by another connection');
  assert.equal(room.state, 'over');
  assert.equal(room.error.code, 'replaced');
});

test('a device token that is refused is forgotten, once', () => {
  const { world, room } = open({ store: memoryStore(DEVICE) });
  world.socket.open();
  world.socket.give([20, 4014, 'bad token', 0]);
  world.pass(500);
  world.socket.open();
  assert.equal(last(world.socket, HELLO)[4], '');
  world.socket.give([20, 4014, 'bad token', 0]);
  assert.equal(room.state, 'over');
});

test('another hash is counted, told, and everything asked for anew', () => {
  const { world, room, errors } = play();
  world.socket.give([34, [], [], [], [], [], [], 99]);
  assert.ok(errors[0] instanceof HashError && errors[0].tick === 1001);
  assert.equal(room.stats.mismatches, 1);
  assert.equal(room.state, 'waiting');
  world.pass(500);
  world.socket.open();
  world.socket.give(welcome());
  world.socket.give([34, [], [], [], [], [], [], 1]);
  assert.equal(room.state, 'playing');
  assert.equal(room.stats.hashes, 2);
});

test('nonsense ends the connection, not the room', () => {
  const { world, room, errors } = play();
  world.socket.give([34, [5, 1, 1]]);
  assert.equal(errors[0].code, 'protocol');
  assert.equal(room.state, 'waiting');
  world.pass(500);
  world.socket.open();
  world.socket.onmessage({ data: 'text' });
  assert.equal(room.state, 'waiting');
});

test('a silent line is left', () => {
  const { world, room } = play();
  world.pass(11000);
  assert.notEqual(room.state, 'playing');
  assert.ok(world.sockets.length >= 1 && world.sockets[0].readyState === 3);
});

test('a dial that is not answered is given up', () => {
  const { world, room } = open();
  world.pass(5000);
  assert.equal(room.state, 'waiting');
  world.pass(500);
  assert.equal(world.sockets.length, 2);
});

test('what an old socket still says is not heard', () => {
  const { world, room } = play();
  const old = world.socket;
  world.socket.fall(1006);
  world.pass(500);
  old.onmessage({ data: new ArrayBuffer(1) });
  old.onclose({ code: 4032, reason: '' });
  assert.equal(room.state, 'connecting');
});

test('leaving says so', () => {
  const { world, room } = play();
  room.leave();
  assert.equal(sent(world.socket, BYE).length, 1);
  assert.equal(room.state, 'over');
  world.pass(60000);
  assert.equal(world.sockets.length, 1);
});

test('a listener that throws harms no one else', (t) => {
  const { world, room } = play();
  const thrown = [];
  t.mock.method(globalThis, 'queueMicrotask', (run) => { try { run(); } catch (error) { thrown.push(error.message); } });
  let heard = 0;
  room.onEvent('hit', () => { throw new Error('oops'); });
  room.onEvent('hit', ({ by }) => { heard = by; });
  world.socket.give([34, [], [], [], [], [1, 0, 0, 5]]);
  assert.deepEqual([heard, thrown, room.state], [5, ['oops'], 'playing']);
});

test('a listener may leave in the middle of a frame', () => {
  const { world, room } = play();
  room.onEvent('hit', () => room.leave());
  world.socket.give([34, [], [], [], [], [1, 0, 0, 5], [[18, 1, 1, 1]]]);
  assert.equal(room.state, 'over');
});

test('who meddles gets every message, hands on when it likes, and nothing of a connection that is gone', () => {
  const { world, room } = play();
  const kept = [];
  room.meddle = { up: (bytes, pass) => kept.push(() => pass(bytes)), down: (bytes, pass) => kept.push(() => pass(bytes)) };
  const old = world.socket;
  old.give([34]);
  assert.equal(room.tick, 1000);
  kept.shift()();
  assert.equal(room.tick, 1001);
  assert.equal(sent(old, ACK).length, 0); // it waits
  kept.shift()();
  assert.deepEqual(last(old, ACK), [ACK, 1001]);
  old.give([34]);
  room.drop();
  assert.equal(room.state, 'waiting');
  kept.shift()();
  assert.equal(room.tick, 1001);
});

// ---- The core, fetched.

const turn = () => new Promise((done) => setImmediate(done));

test('a core that could not be fetched is fetched again as soon as a line opens', async (t) => {
  let fetched = 0;
  t.mock.method(globalThis, 'fetch', async () => { throw new Error(`no network, ${++fetched}`); });
  t.mock.method(WebAssembly, 'compile', async () => CORE);
  const { world, room } = open({ core: new URL('https://test/wasm/test.wasm') });
  await turn();
  assert.equal(fetched, 1);
  globalThis.fetch = async () => ({ ok: true, arrayBuffer: async () => new ArrayBuffer(0) });
  world.socket.open();
  await turn();
  assert.equal(last(world.socket, HELLO)?.[1], 'test');
  assert.equal(room.state, 'connecting');
});

test('a line that opens before the core is there has no less to say: mute for three seconds, it is left', async () => {
  const { world } = open({ core: CORE_BYTES });
  world.socket.open();
  world.pass(4000);
  assert.equal(world.sockets.length, 1, 'it waits for us, not we for it');
  while (!world.socket.sent.length) await new Promise(setImmediate);
  world.pass(2999);
  assert.equal(world.socket.closedWith, null);
  world.pass(1);
  assert.equal(world.socket.closedWith, 1005);
});

test('a server that cannot give the core just now is asked again, one that has none is not', async (t) => {
  const answered = (status) => t.mock.method(globalThis, 'fetch', async () => ({ ok: false, status }));
  answered(503);
  const { world, room } = open({ core: new URL('https://test/wasm/test.wasm') });
  world.socket.open();
  await turn();
  assert.equal(room.state, 'waiting');
  answered(404);
  world.pass(room.retryAt - world.time);
  world.socket.open();
  await turn();
  assert.deepEqual([room.state, room.error.code], ['over', 'no-core']);
});

test('what is no core of ours ends the room with its name', async (t) => {
  const other = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  t.mock.method(globalThis, 'fetch', async () => ({ ok: true, arrayBuffer: async () => new ArrayBuffer(0) }));
  t.mock.method(WebAssembly, 'compile', async () => other);
  const { world, room } = open({ core: new URL('https://test/wasm/test.wasm') });
  world.socket.open();
  await turn();
  assert.deepEqual([room.state, room.error?.code], ['over', 'no-core']);
});

test('in another game nothing is said that was wanted in the one before', () => {
  const { world, room } = play();
  room.input({ push: 3 });
  room.rejoin({ game: 'other' });
  world.socket.open();
  world.socket.give(welcome({ tick: 5 }));
  world.socket.give([32]);
  world.pass(200);
  assert.deepEqual(sent(world.socket, INPUT), []);
  room.input({ push: 2 });
  assert.deepEqual(last(world.socket, INPUT).slice(0, 5), [INPUT, 1, 5, 2, 0]);
});

// ---- Listeners that do as they like, and what is left behind.

test('who enters anew in the midst of a frame is not taken for playing, and says nothing of the room before', () => {
  const { world, room, states } = play();
  const [before] = world.sockets;
  room.onEvent('hit', () => {
    room.rejoin({ room: 'den' });
    world.socket.readyState = 1;
  });
  before.give([34, [], [], [], [], [1, 0, 0, 5]]);
  assert.notEqual(world.socket, before);
  assert.deepEqual(world.socket.sent, []);
  assert.deepEqual(states, ['playing', 'connecting']);
});

test('who leaves when told of an attempt is not connected by it', () => {
  for (const again of [(room) => room.wake(), (room) => room.rejoin()]) {
    const { world, room } = play();
    world.socket.fall();
    room.on('state', (state) => { if (state === 'connecting') room.leave(); });
    again(room);
    assert.equal(room.state, 'over');
    assert.ok(world.sockets.every(({ readyState }) => readyState === 3));
  }
});

test('who leaves while an input or a ping goes leaves no timer', () => {
  for (const number of [INPUT, PING]) {
    const { world, room } = play();
    room.meddle = { up: (bytes) => { if (unpack(bytes)[0] === number) room.leave(); }, down: (bytes, pass) => pass(bytes) };
    for (let push = 1; room.state !== 'over'; push++) (world.pass(20), room.input({ push: push % 8 }));
    assert.equal(world.timers.size, 0);
  }
});

test('inputs that were not used are said again before a listener says new ones', () => {
  const { world, room } = play();
  for (const push of [1, 2, 3]) (room.input({ push }), world.pass(50));
  const before = sent(world.socket, INPUT).length;
  room.on('welcome', () => { world.time += 50; room.input({ push: 7 }); });
  world.socket.give(welcome({ used: 1, kept: true })); // as over HTTP, in the midst of playing
  assert.deepEqual(sent(world.socket, INPUT).slice(before).map(([, sequence, , push]) => [sequence, push]), [[2, 2], [3, 3], [4, 7]]);
});

test('the line is let go with the code that says why', () => {
  const { world, room } = play();
  world.socket.give([34, [5, 1, 1]]);
  assert.equal(world.socket.closedWith, 4002);
  room.wake();
  room.leave();
  assert.equal(world.socket.closedWith, 1000);
});

// ---- Time.

test('the tick of now is the same whether somebody looks or not', () => {
  const { world, room } = play();
  world.pass(100);
  world.socket.give([36]);
  const before = room.tickNow();
  for (let i = 0; i < 10; i++) {
    world.pass(50);
    room.look();
  }
  assert.ok(Math.abs(room.tickNow() - before - 10) < 0.1, `${room.tickNow() - before} ticks`);
});

test('a wait longer than timers can be is not none', () => {
  const { world, room } = play();
  world.socket.give([20, 4001, 'server shutting down', 4_000_000_000]);
  assert.ok(room.retryAt - world.time <= 2 ** 31 - 1);
});

test('ticks beyond half of their range are no less', () => {
  const { world, room } = open();
  const told = [];
  room.on('event', ({ tick }) => told.push(tick));
  world.socket.open();
  world.socket.give(welcome({ tick: 3_000_000_000 }));
  world.socket.give([34, [], [], [], [], [1, 0, 0, 5]]);
  assert.deepEqual([told, room.tick], [[3_000_000_001], 3_000_000_001]);
});

test('in line: each sign of life is answered, and a line without any is left', () => {
  const { world, room } = open();
  world.socket.open();
  for (let i = 0; i < 6; i++) {
    world.socket.give([21, 3]);
    world.pass(10000);
  }
  assert.equal(sent(world.socket, PING).length, 6, 'who waits is heard');
  assert.equal(world.sockets.length, 1);
  world.pass(40000);
  assert.ok(world.sockets.length > 1 || room.state === 'waiting', 'a dead line');
});

test('who lost the line has no place in it', () => {
  const { world, room } = open();
  world.socket.open();
  world.socket.give([21, 3]);
  assert.equal(room.place, 3);
  world.socket.fall();
  assert.equal(room.place, 0);
});
