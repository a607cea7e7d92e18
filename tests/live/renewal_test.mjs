// The certificate replaced while clients play: new connections are shown the new one, of whatever type its key is; a
// bad pair is refused and changes nothing.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tls from 'node:tls'
import { Server, dial, done, equal, hold, test, until } from './lib.mjs'
import { Player } from './player.mjs'

const server = await Server.start({ io_threads: 2, rate: 60, handshake_s: 60 }) // `older` says nothing all the while
const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => join(server.state, name))
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], RSA = ['-newkey', 'rsa:2048']

const openssl = (...words) => execFileSync('openssl', words, { stdio: 'ignore' })
/** The paths of a new certificate, which expires so many days from now, and its key. */
function make(name, type, days = 2) {
    const [made, request, madeKey] = ['pem', 'csr', 'key'].map((end) => join(server.folder, `${name}.${end}`))
    openssl('req', ...type, '-nodes', '-new', '-subj', `/CN=${name}`, '-out', request, '-keyout', madeKey)
    openssl('x509', '-req', '-in', request, '-signkey', madeKey, '-days', String(days), '-out', made)
    return [made, madeKey]
}
/** Lays a pair where the server reads its own. */
const lay = ([from, fromKey]) => (copyFileSync(from, certificate), copyFileSync(fromKey, key))
const lines = (event) => server.lines.filter((line) => line?.event === event).length
async function hangUp(event) {
    const before = lines(event)
    server.child.kill('SIGHUP')
    await until(() => lines(event) > before, event)
}
/** A new connection, which may take up a TLS session. */
async function connected(version, session) {
    const socket = tls.connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false, servername: 'localhost', minVersion: version, maxVersion: version, session })
    const ticket = new Promise((done) => socket.once('session', done))
    await new Promise((done, fail) => socket.on('secureConnect', done).on('error', fail))
    return { socket, ticket }
}
/** Whose certificate a new connection is shown. */
async function shown(version = 'TLSv1.3') {
    const { socket } = await connected(version)
    const { subject } = socket.getPeerCertificate()
    socket.destroy()
    return subject.CN
}
/** All of some new connections, on whichever thread: those that a thread still shows the old one to end the wait. */
const isShown = (name) => until(async () => {
    const names = await Promise.all([...Array(8).keys()].map((i) => shown(i % 2 ? 'TLSv1.2' : 'TLSv1.3')))
    return names.every((found) => found === name)
}, name)

const players = await Promise.all([...Array(6).keys()].map((i) => Player.join(server, { name: `P${i}` })))
const older = await dial(server)

for (const [name, type] of [['first', EC], ['second', RSA], ['third', RSA], ['fourth', EC]]) {
    await test(`another ${type === EC ? 'EC' : 'RSA'} pair: new connections are shown it`, async () => {
        lay(make(name, type))
        await hangUp('certificate_renewed')
        await isShown(name)
    })
}

await test('a TLS session is taken up again until the next pair: then each is shown that', async () => {
    const sessionOf = async (version) => {
        const { socket, ticket } = await connected(version)
        const session = { version, ticket: await ticket }
        socket.destroy()
        return session
    }
    const isTakenUp = async ({ version, ticket }) => {
        const { socket } = await connected(version, ticket)
        const reused = socket.isSessionReused()
        socket.destroy()
        return reused
    }
    const sessions = [await sessionOf('TLSv1.2'), await sessionOf('TLSv1.3')]
    for (const session of sessions) hold(await isTakenUp(session), session.version)
    await hangUp('certificate_renewed')
    for (const session of sessions) await until(async () => !(await isTakenUp(session)), `a whole handshake by ${session.version}`)
    await until(async () => isTakenUp(await sessionOf('TLSv1.3')), 'a session since then')
})

await test('bad pairs are refused with a line, and the old one stays', async () => {
    const [one, other] = [make('one', EC), make('other', EC)]
    const bad = {
        'does not belong': () => lay([one[0], other[1]]),
        'cannot read the certificate': () => writeFileSync(certificate, 'nothing of the kind\n'),
        'cannot read the key': () => (copyFileSync(one[0], certificate), writeFileSync(key, '')),
        expired: () => lay(make('old', EC, -1)),
    }
    for (const [why, spoil] of Object.entries(bad)) {
        spoil()
        await hangUp('certificate_failed')
        hold(server.logged('certificate_failed').why.includes(why), server.logged('certificate_failed').why)
        await isShown('fourth')
    }
})

await test('strange files are refused at once, and the ticks go on', async () => {
    const sealed = make('sealed', EC)
    openssl('pkey', '-in', sealed[1], '-aes128', '-passout', 'pass:secret', '-out', key)
    const strange = {
        'No such file': () => {},
        'not a file': () => mkdirSync(certificate),
        'certificate: not a file': () => execFileSync('mkfifo', [certificate]),
        'too large': () => (writeFileSync(certificate, ''), truncateSync(certificate, 2 ** 32)),
        'bad password read': () => copyFileSync(sealed[0], certificate),
    }
    for (const [why, spoil] of Object.entries(strange)) {
        rmSync(certificate, { recursive: true, force: true })
        spoil()
        await hangUp('certificate_failed')
        hold(server.logged('certificate_failed').why.includes(why), server.logged('certificate_failed').why)
    }
    await isShown('fourth')
})

await test('many SIGHUPs among as many handshakes: each connection is shown a whole pair', async () => {
    const pairs = ['fifth', 'sixth'].map((name, i) => make(name, i ? RSA : EC))
    const before = lines('certificate_renewed')
    for (let i = 0; lines('certificate_renewed') < before + 50; i++) {
        lay(pairs[i % 2])
        server.child.kill('SIGHUP')
        hold(['fourth', 'fifth', 'sixth'].includes(await shown()), 'one of them')
    }
    lay(pairs[0])
    await hangUp('certificate_renewed')
    await isShown('fifth')
})

await test('who played all the time still plays', async () => {
    for (const player of players) hold(!player.over, 'connected')
    const before = players.map(({ client }) => client.hashes.right)
    await until(() => players.every(({ client }, i) => client.hashes.right > before[i]), 'another right hash')
    for (const { client } of players) equal(client.hashes.wrong, 0, 'wrong hashes')
    hold(!older.destroyed, 'who only connected')
    await (await Player.join(server)).leave()
})

await test('a server that starts with a pair that has expired says so', async () => {
    const [certificate, key] = make('late', EC, -1)
    const late = await Server.start({ certificate, key })
    hold(late.logged('certificate_expired', ({ path }) => path === certificate), 'a line')
    await (await Player.join(late)).leave()
    await late.discard()
    hold(!server.logged('certificate_expired'), 'another with one that has not')
})

await test('behind a proxy, without TLS, SIGHUP harms nobody', async () => {
    const plain = await Server.start({ plain: true })
    const player = await Player.join(plain)
    plain.child.kill('SIGHUP')
    const { tick } = player
    await until(() => player.tick > tick, 'frames')
    await plain.finish()
})

await test('the server ends well', () => server.finish())
await done()
