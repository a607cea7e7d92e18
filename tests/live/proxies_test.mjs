// Behind real reverse proxies, as docs/operating.md sets them up: its own examples are run, with ports and paths of ours.
// Every way to play goes through, nothing is held back on the way, and the players' addresses are known. Who has no nginx
// or HAProxy installed skips them; what they taught about connections that several clients share is in admission_test.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, Server, dial, done, equal, freePort, hold, skip, test, until } from './lib.mjs'
import { answerTo } from './link.mjs'
import { Player, helloOf, pack, steerAbout } from './player.mjs'

const RATE = 40
const OPERATING = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8')
/** The example for this proxy, with everything that stands for a place replaced by one of ours. */
function exampleOf(name, places) {
    const [, text] = new RegExp(`\`\`\`${name}\n([^]*?)\`\`\``).exec(OPERATING)
    return Object.entries(places).reduce((sum, [from, to]) => {
        hold(sum.includes(from), `${from} in the example for ${name}`)
        return sum.replaceAll(from, to)
    }, text)
}

const installed = (program) => {
    try {
        execFileSync(program, ['-v'], { stdio: 'ignore' })
        return true
    } catch {
        return false
    }
}

/** What a proxy needs of its own: a folder, a port, and one file with certificate and key. */
async function outfit(server) {
    const folder = join(server.folder, 'proxy')
    mkdirSync(folder)
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')], { stdio: 'ignore' })
    writeFileSync(join(folder, 'both.pem'), ['certificate.pem', 'key.pem'].map((name) => readFileSync(join(folder, name), 'utf8')).join(''))
    return { folder, port: await freePort() }
}

const PROXIES = {
    nginx: {
        settings: { proxies: '127.0.0.1' },
        start(server, { folder, port }) {
            const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${join(folder, name)};`)
            const example = exampleOf('nginx', { '[::1]:8443': `127.0.0.1:${server.port}`, 'listen 443': `listen 127.0.0.1:${port}`, '/etc/nginx': folder })
            const all = ['daemon off;', 'master_process off;', `pid ${folder}/pid;`, 'error_log stderr error;', 'events {}', 'http {', 'access_log off;', 'gzip on;', 'gzip_types *;', 'gzip_proxied any;', ...temporary, example, '}']
            writeFileSync(join(folder, 'nginx.conf'), all.join('\n'))
            return ['nginx', '-c', join(folder, 'nginx.conf'), '-e', 'stderr']
        },
    },
    haproxy: {
        settings: { proxies: '127.0.0.1', proxy_protocol: true },
        start(server, { folder, port }) {
            writeFileSync(join(folder, 'haproxy.cfg'), exampleOf('haproxy', { '[::1]:8443': `127.0.0.1:${server.port}`, 'bind :443': `bind 127.0.0.1:${port}`, '/etc/haproxy': folder }))
            return ['haproxy', '-db', '-f', join(folder, 'haproxy.cfg')]
        },
    },
}

/** Steers about for a while, asks for a hash and gets one. */
async function play(player, inputs) {
    await steerAbout(player, inputs, RATE)
    const { right } = player.client.hashes
    player.say([6])
    await until(() => player.client.hashes.right > right, 'a right hash')
    equal(player.client.hashes.wrong, 0, 'wrong hashes')
}

async function behind(name, { settings, start }) {
    const server = await Server.start({ rate: RATE, io_threads: 2, plain: true, resume_s: 1, ping_s: 2, silence_s: 5, poll_s: 2, ...settings }, { ini: '[game arena]\ncomputers = 2\n' })
    const place = await outfit(server)
    const [program, ...words] = start(server, place)
    const proxy = spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit'] })
    const through = Object.create(server, { port: { value: place.port }, plain: { value: false } })
    await until(() => dial(through).then((socket) => socket.destroy(), () => null), `${name} to listen`)

    await test(`${name}: every way to play, several at once`, async () => {
        const ways = [null, 'stream', 'sse', 'poll']
        const players = await Promise.all(ways.map((over) => Player.join(through, { name: `By ${over}` }, over ? { over } : {})))
        await Promise.all(players.map((player) => play(player, 40)))
        const { headers } = await answerTo(through, '/play', { method: 'POST', body: pack(helloOf({ name: 'By pull' })) })
        equal((await answerTo(through, `${headers.location}/state`)).status, 200, 'a pull')
        for (const player of players) equal((await player.leave()).bye, 4000, 'BYE')
        hold(server.lines.filter(({ event }) => event === 'joined').length === ways.length + 1, 'each has joined once')
    })

    await test(`${name}: who goes without a word is found`, async () => {
        const ways = ['stream', 'sse', 'poll', null]
        for (const over of ways) (await Player.join(through, { name: 'Gone' }, over ? { over } : {})).destroy()
        const lost = () => server.lines.filter((line) => line.event === 'left' && line.name === 'Gone').length
        await until(() => lost() === ways.length, () => `${ways.length} to be missed, not ${lost()}`)
    })
    proxy.kill()
    await server.finish()
}

await Promise.all(Object.entries(PROXIES).map(([name, one]) => (
    installed(name) ? behind(name, one) : skip(`${name}: every way to play`, `${name} is not installed`))))
await done()
