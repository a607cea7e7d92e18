// A pretended HTTP side of a server for the transports' tests: links, posts in order, downlinks of every way. It knows no
// game: it says what the test gives it, and misbehaves as the test says.
import { once } from 'node:events';
import { createServer } from 'node:http';

/** @param {Uint8Array[]} messages each with its length before it */
export function pieces(...messages) {
  return Buffer.concat(messages.flatMap((message) => {
    const head = [];
    let left = message.length;
    for (; left > 0x7f; left >>>= 7) head.push((left & 0x7f) | 0x80);
    return [Buffer.from([...head, left]), Buffer.from(message)];
  }));
}

/** The messages in a row of them. @param {Buffer} bytes */
function apart(bytes) {
  const messages = [];
  for (let at = 0; at < bytes.length;) {
    let [size, shift] = [0, 0];
    for (;; shift += 7) {
      size |= (bytes[at] & 0x7f) << shift;
      if (bytes[at++] < 0x80) break;
    }
    messages.push([...bytes.subarray(at, (at += size))]);
  }
  return messages;
}

export class HttpServer {
  static async start() {
    const server = new HttpServer();
    server.http = createServer((request, response) => server.#answer(request, response));
    server.http.listen(0, '127.0.0.1');
    await once(server.http, 'listening');
    server.url = `ws://127.0.0.1:${server.http.address().port}/play`;
    return server;
  }

  constructor() {
    this.applied = []; // messages of posts, in the order of their numbers
    this.requests = []; // `METHOD path?query` in the order in which they came
    this.early = new Map(); // posts that overtook others
    this.next = 1;
    this.welcome = [[0x90 | 1, 16]];
    /** @type {import('node:http').ServerResponse|null} the downlink on which is spoken just now */ this.down = null;
    this.way = '';
    /** What to do with a request before it is looked at: true if it was answered. */
    this.meddle = () => false;
    /** @type {{status: number, body?: Uint8Array}|null} what the link has come to */ this.ended = null;
  }

  async #answer(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const url = new URL(request.url, 'http://x');
    this.requests.push(`${request.method} ${request.url}`);
    if (await this.meddle(request, response, url)) return;
    if (request.method === 'POST' && url.pathname === '/play') return this.#hello(Buffer.concat(parts), response);
    if (this.ended) return response.writeHead(this.ended.status).end(this.ended.body);
    if (request.method === 'POST') return this.#post(Number(url.searchParams.get('n')), Buffer.concat(parts), response);
    this.#downlink(url.pathname.split('/').at(-1), request, response);
  }

  #hello(body, response) {
    this.hello = [...body];
    response.writeHead(201, { Location: '/play/LINK-1' }).end(pieces(...this.welcome));
  }

  #post(number, body, response) {
    if (number >= this.next) this.early.set(number, apart(body));
    for (let due; (due = this.early.get(this.next)); this.early.delete(this.next++)) this.applied.push(...due);
    response.writeHead(204).end();
  }

  #downlink(way, request, response) {
    this.down?.end();
    Object.assign(this, { way, down: response, last: request.headers['last-event-id'] });
    if (way === 'stream') response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).flushHeaders();
    if (way === 'sse') response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('retry: 1000\n\n');
  }

  /** Says something on the downlink. */
  say(...messages) {
    if (this.way === 'stream') return void this.down.write(pieces(...messages));
    if (this.way === 'sse') return messages.forEach((message) => this.down.write(`id: 5.6\ndata: ${Buffer.from(message).toString('base64')}\n\n`));
    this.down.writeHead(200).end(pieces(...messages));
    this.down = null;
  }

  async stop() {
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, 'close');
  }
}
