// As much of an EventSource as browsers have and Node has not.

export class EventSource {
  constructor(url) {
    Object.assign(this, { url, readyState: 0, last: '', stop: new AbortController() });
    this.#run();
  }

  async #run() {
    while (this.readyState !== 2) {
      await this.#read().catch(() => {});
      if (this.readyState === 2) return;
      this.readyState = this.refused ? 2 : 0;
      this.onerror?.();
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async #read() {
    const headers = this.last ? { 'Last-Event-ID': this.last } : {};
    const answer = await fetch(this.url, { headers, signal: this.stop.signal });
    this.refused = answer.status !== 200;
    if (this.refused) return;
    this.readyState = 1;
    let text = '';
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const events = (text += chunk).split('\n\n');
      text = events.pop();
      for (const event of events) this.#tell(event);
    }
  }

  #tell(event) {
    const of = (name) => event.split('\n').find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    if (of('id')) this.last = of('id');
    if (of('data') !== undefined) this.onmessage?.({ data: of('data') });
  }

  close() {
    this.readyState = 2;
    this.stop.abort();
  }
}
