// The transports over HTTP, each against a pretended server over real sockets: what is said arrives once and in order, what
// is heard is whole, cuts are mended, and the server's no is told.
import assert from 'node:assert/strict';
import test from 'node:test';
import { worldOf } from '../../../protocol/js/place.js';
import { Pieces, pieceSize, putPiece } from '../../../protocol/js/transports/pieces.js';
import { poll, pull, sse, stream } from '../../../protocol/js/transports/index.js';
import { EventSource } from './event-source.mjs';
import { HttpServer, pieces } from './http-server.mjs';

const HELLO = [0x91, 0];
const BYE = [0x94, 20, 0xcd, 0x0f, 0xc0, 0xa0, 0];
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
async function until(found, what) {
  for (const end = Date.now() + 50000; !found(); await sleep(5)) if (Date.now() > end) assert.fail(`waited in vain for ${what}`);
}

/** A line to a pretended server, and what its room hears. */
async function open(t, transport, prepare = () => {}) {
  const server = await HttpServer.start();
  prepare(server);
  const heard = { messages: [], downs: [], anews: 0, held: { tick: 10, event: 2 } };
  const world = worldOf({ EventSource, world: { storage: null } });
  const line = transport.dial(server.url, world, {
    open: () => line.send(Uint8Array.from(HELLO)),
    message: (bytes) => heard.messages.push([...bytes]),
    down: (code, text) => heard.downs.push([code, text]),
    holds: () => heard.held,
    anew: () => heard.anews++,
  });
  t.after(async () => { line.close(); await server.stop(); });
  return { server, heard, line, hears: (count) => until(() => heard.messages.length >= count, `${count} messages`) };
}

test('lengths of any size, however they are cut', () => {
  const messages = [0, 1, 127, 128, 300, 16383, 16384, 70000].map((size) => new Uint8Array(size).fill(size & 255));
  const all = new Uint8Array(messages.reduce((sum, message) => sum + pieceSize(message), 0));
  let end = 0;
  for (const message of messages) end = putPiece(all, end, message);
  assert.equal(end, all.length);
  assert.deepEqual(Buffer.from(all), pieces(...messages));
  for (const step of [1, 2, 3, 1000, all.length]) {
    const got = [];
    const reader = new Pieces();
    for (let at = 0; at < all.length; at += step) assert.ok(reader.feed(all.subarray(at, at + step), (message) => got.push(message.slice())));
    assert.deepEqual(got.map((message) => message.length), messages.map((message) => message.length).filter(Boolean), 'an empty one is none');
  }
  assert.equal(new Pieces().feed(Uint8Array.of(255, 255, 255, 255, 255, 1), () => {}), false, 'a length that cannot be');
});

for (const transport of [stream, sse, poll]) {
  const { name } = transport;

  test(`${name}: hello by post, the answer's messages, then the downlink's`, async (t) => {
    const { server, hears, heard } = await open(t, transport, (to) => { to.welcome = [[1, 2], [3]]; });
    await hears(2);
    assert.deepEqual(server.hello, HELLO);
    await until(() => server.down, 'a downlink');
    assert.equal(server.requests.at(-1), `GET /play/LINK-1/${name}?tick=10&event=2`);
    server.say([7, 8, 9], [10]);
    await hears(4);
    assert.deepEqual(heard.messages, [[1, 2], [3], [7, 8, 9], [10]]);
  });

  test(`${name}: posts arrive in order and once, though some are lost and answers too`, async (t) => {
    let chance = 7;
    const { server, line, hears } = await open(t, transport, (to) => {
      to.meddle = async (request, response, url) => {
        if (!url.searchParams.has('n')) return false;
        chance = (Math.imul(chance, 1664525) + 1013904223) >>> 0;
        if (chance % 5 === 0) return Boolean(request.socket.destroy()); // not taken
        await sleep(chance % 20);
        return false;
      };
    });
    await hears(1);
    for (let i = 0; i < 60; i++, await sleep(2)) line.send(Uint8Array.of(i, 0));
    await until(() => server.applied.length === 60, 'all posts');
    assert.deepEqual(server.applied.map(([first]) => first), Array.from({ length: 60 }, (_, i) => i));
  });

  test(`${name}: a downlink that was cut goes on from what is held`, async (t) => {
    const { server, heard, hears } = await open(t, transport);
    await until(() => server.down, 'a downlink');
    server.say([5]);
    await hears(2);
    heard.held = { tick: 44, event: 9 };
    await until(() => server.down, 'the next downlink');
    server.down.socket.destroy();
    server.down = null;
    await until(() => server.down, 'another downlink');
    if (name === 'sse') assert.equal(server.last, '5.6');
    else assert.equal(server.requests.at(-1), `GET /play/LINK-1/${name}?tick=44&event=9`);
    server.say([6]);
    await hears(3);
    assert.deepEqual(heard.downs, []);
  });

  test(`${name}: a session that plays elsewhere is told by its BYE`, async (t) => {
    const { server, hears, heard } = await open(t, transport);
    await until(() => server.down, 'a downlink');
    server.ended = { status: 409, body: Uint8Array.from(BYE) };
    server.down.socket.destroy();
    await hears(2);
    assert.deepEqual(heard.messages.at(-1), BYE);
  });

  test(`${name}: a link that is forgotten is down`, async (t) => {
    const { server, line, heard, hears } = await open(t, transport);
    await hears(1);
    server.ended = { status: 404 };
    line.send(Uint8Array.of(1));
    await until(() => heard.downs.length, 'the end');
    assert.deepEqual(heard.downs, [[1006, 'HTTP 404']]);
  });
}

test('a refused hello: its BYE is a message, a status alone the end, a proxy’s page no message', async (t) => {
  const refusing = (status, body) => (to) => { to.meddle = (_, response) => Boolean(response.writeHead(status).end(body)); };
  const told = await open(t, stream, refusing(503, Uint8Array.from(BYE)));
  await told.hears(1);
  assert.deepEqual(told.heard.messages, [BYE]);
  const bare = await open(t, stream, refusing(405, '<html>no</html>'));
  await until(() => bare.heard.downs.length, 'the end');
  assert.deepEqual(bare.heard, { messages: [], downs: [[1006, 'HTTP 405']], anews: 0, held: bare.heard.held });
});

test('a post that overtook too many is sent again; one that the server refuses ends the line', async (t) => {
  let conflicts = 2;
  const { server, line, heard, hears } = await open(t, poll, (to) => {
    to.meddle = (_, response, url) => url.searchParams.has('n') && conflicts-- > 0 && Boolean(response.writeHead(409).end());
  });
  await hears(1);
  line.send(Uint8Array.of(1));
  await until(() => server.applied.length === 1, 'the post');
  server.ended = { status: 410, body: Uint8Array.from(BYE) };
  line.send(Uint8Array.of(2));
  await hears(2);
  assert.deepEqual(heard.messages.at(-1), BYE);
});

test('a downlink that fails again and again is given up', async (t) => {
  const { heard } = await open(t, stream, (to) => { to.meddle = (_, response, url) => url.pathname.endsWith('stream') && Boolean(response.writeHead(502).end()); });
  await until(() => heard.downs.length, 'the end');
  assert.deepEqual(heard.downs, [[1006, 'the downlink failed']]);
});

test('a poll says what was applied by itself; what is said last goes as the line is let go', async (t) => {
  const { server, line, hears } = await open(t, poll);
  assert.equal(line.acks, true);
  await hears(1);
  await until(() => server.down, 'a poll');
  line.send(Uint8Array.of(0x91, 5));
  line.close();
  await until(() => server.applied.length === 1, 'the goodbye');
  assert.deepEqual(server.applied, [[0x91, 5]]);
});

test('pull asks for the state again and again, and hears only what changed', async (t) => {
  let state = 1;
  const { heard, server } = await open(t, pull, (to) => {
    to.meddle = (request, response, url) => {
      if (!url.pathname.endsWith('state')) return false;
      const same = request.headers['if-none-match'] === `"${state}"`;
      response.writeHead(same ? 304 : 200, { ETag: `"${state}"` }).end(same ? '' : Uint8Array.of(17, state));
      return true;
    };
  });
  await until(() => server.requests.filter((line) => line.endsWith('state')).length > 3, 'some pulls');
  state = 2;
  await until(() => heard.anews === 2, 'the change');
  assert.deepEqual(heard.messages.slice(1), [[17, 1], [17, 2]]);
});

test('an answer that makes no sense ends the line, whatever it is', async (t) => {
  const answering = (found, head, body) => (to) => { to.meddle = (_, response, url) => found(url) && Boolean(response.writeHead(...head).end(body)); };
  const greeted = (url) => url.pathname === '/play';
  const down = (url) => /poll|sse/.test(url.pathname);
  const bad = Uint8Array.of(255, 255, 255, 255, 255);
  for (const [transport, prepare] of [
    [stream, answering(greeted, [201, { Location: 'http://' }])],
    [stream, answering(greeted, [201], Uint8Array.of(0))],
    [poll, answering(greeted, [201, { Location: '/play/LINK-1' }], bad)],
    [poll, answering(down, [200], bad)],
    [sse, answering(down, [200, { 'Content-Type': 'text/event-stream' }], 'data: *\n\n')],
  ]) {
    const { heard } = await open(t, transport, prepare);
    await until(() => heard.downs.length, `the end over ${transport.name}`);
    assert.equal(heard.downs[0][0], 1006);
    assert.match(heard.downs[0][1], /no sense/);
  }
});
