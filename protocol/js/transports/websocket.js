// The first choice: one WebSocket, each message a binary one.

export const SUBPROTOCOL = 'tidewire.1';
const OPEN = 1;

/** @type {import('./transport.js').Transport} */
export const websocket = {
  name: 'websocket',
  fits: (world) => Boolean(world.WebSocket),
  dial(url, world, ears) {
    const socket = new world.WebSocket(url, SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => ears.open();
    socket.onerror = () => {}; // a close follows and says as much
    socket.onmessage = (/** @type {{data: any}} */ { data }) => {
      if (data instanceof ArrayBuffer) ears.message(new Uint8Array(data));
      else ears.down(1006, 'text where binary is due');
    };
    socket.onclose = (/** @type {{code: number, reason: string}} */ { code, reason }) => ears.down(code, reason);
    return {
      send: (bytes) => void (socket.readyState === OPEN && socket.send(bytes)),
      close: (code, reason) => void (socket.readyState <= OPEN && (code ? socket.close(code, reason) : socket.close())),
    };
  },
};
