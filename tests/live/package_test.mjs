// The client package as a server hands it out: what a player over WebSocket loads of it. And that it plays off the main thread.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ROOT, Server, done, request, secrets, skip, test } from './lib.mjs'

const BUILD = process.env.TIDEWIRE_BUILD ?? join(ROOT, 'build')
const PAGES = process.env.TIDEWIRE_PAGES ?? join(ROOT, 'build/page')
const GZIP_BYTES_MAX = 20 * 1024 // client_size_gzip: the package and the arena's core

const server = await Server.start({ plain: true, pages: PAGES })

/** Bytes that come for a path when packed ones are welcome. */
async function bytesOf(path) {
    const { status, headers } = await request(server, `GET ${path} HTTP/1.1\r\nHost: localhost:${server.port}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`)
    if (status !== 200 || headers['content-encoding'] !== 'gzip') throw new Error(`${path}: ${status} ${JSON.stringify(headers)}`)
    return Number(headers['content-length'])
}

const SMALL = 'what a player of the arena loads beside its page is small'
if (!existsSync(join(PAGES, 'wasm/arena.wasm.gz'))) skip(SMALL, 'no core was built')
else await test(SMALL, async () => {
    const [glue, core] = [await bytesOf('/sdk.js'), await bytesOf('/wasm/arena.wasm')]
    console.log(`# client_size_gzip ${glue + core}: /sdk.js ${glue}, /wasm/arena.wasm ${core}`)
    if (glue + core > GZIP_BYTES_MAX) throw new Error(`${glue + core} bytes are more than ${GZIP_BYTES_MAX}`)
})

const WORK = `
import { parentPort, workerData } from 'node:worker_threads'
const { connect, memoryStore } = await import(workerData.sdk)
const room = connect({ game: 'arena', transports: ['stream'], store: memoryStore(), ...workerData.options })
await room.ready
room.input({ thrust: 8, aim: -1 })
const { hue } = await room.call('paint', { hue: 77 })
room.look()
parentPort.postMessage({ session: room.session, hue, shown: room.shown('pilot').count, name: room.row('pilot', room.player).name })
room.leave()
`
await test('it plays in a worker', async () => {
    const sdk = new URL('../../protocol/js/index.js', import.meta.url).href
    const options = { url: `ws://127.0.0.1:${server.port}/play`, core: join(BUILD, 'protocol/wasm/arena.wasm'), name: 'Ada' }
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(WORK)}`), { workerData: { sdk, options } })
    const { session, hue, shown, name } = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    secrets.add(session)
    if (hue !== 77 || name !== 'Ada' || !shown) throw new Error(JSON.stringify({ hue, shown, name }))
    await new Promise((resolve) => worker.once('exit', resolve)) // by itself: the room left
})

await server.finish()
done()
