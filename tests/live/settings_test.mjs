// Settings and what keeps a server from starting: file, environment and flags in their order; ports, folders,
// databases and certificates that are not as they should be. Each wrong one is told in one clear line.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BINARY, ROOT, SANITIZED, Server, all, also, done, equal, freePort, hold, skip } from './lib.mjs'
import { Player } from './player.mjs'

/** Runs a server that ends by itself: { code, text, output }. */
async function ends(flags, options, prepare = () => {}) {
    const server = new Server({}, options)
    try {
        mkdirSync(server.state)
        prepare(server)
        server.spawn(['--games', server.games, '--state', server.state, ...(typeof flags === 'function' ? flags(server) : flags)])
        await server.exit
        return { ...server.ended, text: server.text, output: server.output }
    } finally {
        await server.discard()
    }
}

/** It must end with `code` after one line that has all of `words`. */
function refused({ code, text }, wanted, ...words) {
    equal(code, wanted, `exit (${text})`)
    const line = text.split('\n').find((each) => words.every((word) => each.includes(word)))
    hold(line, `a line with ${words.join(', ')} in: ${text}`)
}

also('flags go over the environment, that over the file, that over the defaults', async () => {
    const rate = async (settings, options) => {
        const server = await Server.start({ plain: true, ...settings }, options)
        const player = await Player.join(server)
        const { rate: stated } = player.welcome
        await player.leave()
        await server.finish()
        return stated
    }
    const ini = '# a comment\n[rooms]\nrate = 30\n'
    equal(await rate({}), 20, 'default')
    equal(await rate({}, { ini }), 30, 'file')
    equal(await rate({}, { ini, env: { TIDEWIRE_RATE: '40' } }), 40, 'environment')
    equal(await rate({ rate: 50 }, { ini, env: { TIDEWIRE_RATE: '40' } }), 50, 'flag')
})

also('unknown keys are refused with file and line, and with what was probably meant', async () => {
    refused(await ends([], { ini: '[rooms]\n\nraet = 30\n' }), 2, 'tidewire.ini:3', 'raet', 'rate')
    refused(await ends([], { ini: '[romos]\nrate = 30\n' }), 2, 'tidewire.ini:1', 'romos')
    refused(await ends([], { ini: 'what is this\n' }), 2, 'tidewire.ini:1')
    refused(await ends([], { env: { TIDEWIRE_RAET: '30' } }), 2, 'TIDEWIRE_RAET')
    refused(await ends(['--raet', '30']), 2, '--raet')
})

also('values out of range, double keys and missing files are refused', async () => {
    refused(await ends([], { ini: '[rooms]\nrate = 0\n' }), 2, 'tidewire.ini:2', 'rate')
    refused(await ends([], { ini: '[rooms]\nrate = 30\nrate = 30\n' }), 2, 'tidewire.ini:3', 'rate')
    refused(await ends(['--rate', 'fast']), 2, 'rate')
    refused(await ends([], { env: { TIDEWIRE_PORT: '70000' } }), 2, 'TIDEWIRE_PORT')
    refused(await ends(['--config', 'nowhere.ini']), 2, 'nowhere.ini')
    refused(await ends(['--ping-s', '50', '--silence-s', '40']), 2, 'silence_s')
})

also('rules of a game are checked when it is loaded', async () => {
    refused(await ends([], { ini: '[game arena]\n\nship_speed = 100000\n' }), 1, 'game_failed', 'tidewire.ini:3', 'ship_speed')
    refused(await ends([], { ini: '[game arena]\nwings = 2\n' }), 1, 'game_failed', 'tidewire.ini:2', 'wings')
    refused(await ends(['--game', 'chess']), 1, 'game_failed', 'chess')
})

also('help, version and settings are printed', async () => {
    const help = await ends(['--help'])
    hold(help.code === 0 && help.output.includes('--rate') && help.output.includes('--plain'), 'help')
    equal((await ends(['--version'])).code, 0, 'version')
    const printed = await ends(['--print-config'])
    equal(printed.output, readFileSync(join(ROOT, 'docs/tidewire.ini'), 'utf8'), '--print-config')
})

also('a port that is taken: a clear line, 1', async () => {
    const first = await Server.start({ plain: true })
    refused(await ends(['--plain', '--port', String(first.port)]), 1, 'error listen', `port=${first.port}`, 'taken')
    refused(await ends(['--port', '8443', '--bind', 'here']), 1, 'error listen', 'not an address')
    await (await Player.join(first)).leave()
    await first.finish()
})

if (SANITIZED) skip('a port that is taken at the last moment: a clear line, 1', 'no sanitizer looks for leaks under strace')
else also('a port that is taken at the last moment: a clear line, 1', async () => {
    const server = new Server()
    const strace = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=listen', '-e', 'inject=listen:error=EADDRINUSE:when=3+'] // after the trial, and one thread's
    const flags = ['--plain', '--port', String(await freePort()), '--io-threads', '2', '--state', server.state, '--games', server.games, '--pages', server.pages]
    const { status, stderr } = spawnSync('strace', [...strace, 'timeout', '10', BINARY, ...flags], { encoding: 'utf8' })
    refused({ code: status, text: stderr }, 1, 'error listen_failed', 'in use')
    await server.discard()
})

also('fewer descriptors than it takes to start: a clear line, 1', async () => {
    for (const descriptors of [12, 16, 23, 40, 72]) {
        const [text, limit] = ['error descriptors', `limit=${descriptors} `]
        refused(await ends(['--port', String(await freePort()), '--io-threads', '2'], { descriptors }), 1, text, limit)
    }
})

also('a state folder that cannot be: a clear line, 1', async () => {
    const inFile = (server) => (writeFileSync(join(server.folder, 'file'), ''), ['--state', join(server.folder, 'file', 'state')])
    refused(await ends(inFile), 1, 'error state_failed', 'file/state')
    const onFile = (server) => (writeFileSync(join(server.folder, 'file'), ''), ['--state', join(server.folder, 'file')])
    const result = await ends(onFile)
    equal(result.code, 1, 'exit')
    hold(/ error /.test(result.text), result.text)
})

also('a database that is none is refused and left alone', async () => {
    const text = 'this is not a database, but somebody may need it\n'.repeat(40)
    let path
    const result = await ends(['--plain'], {}, (server) => writeFileSync((path = join(server.state, 'tidewire.db')), text))
    refused(result, 1, 'error store_refused')
})

also('a page that is not served is told of', async () => {
    const server = new Server({ plain: true })
    symlinkSync('index.html', join(server.pages, 'other.html'))
    await server.launch()
    const { path, why } = server.logged('page_skipped')
    hold(path.endsWith('/other.html') && why.includes('link'), `${path}: ${why}`)
    equal((await server.get('/other.html')).status, 404, 'it')
    await server.finish()
})

also('the certificate is made with a key for its owner alone, and used again', async () => {
    const server = await Server.start()
    const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => join(server.state, name))
    equal((statSync(key).mode & 0o777).toString(8), '600', 'mode of the key')
    const made = [readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8')].join()
    hold(server.logged('certificate_made'), 'a line')
    const told = execFileSync('openssl', ['x509', '-in', certificate, '-noout', '-text'], { encoding: 'utf8' })
    hold(/prime256v1/.test(told) && /DNS:localhost/.test(told), 'EC P-256, for localhost')
    await server.stop()
    await server.launch()
    equal([readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8')].join(), made, 'the pair')
    hold(!server.logged('certificate_made'), 'no line')
    await (await Player.join(server)).leave()
    await server.finish()
})

also('a key without its certificate, as a crash between the two leaves it, gets one; what somebody laid there stays', async () => {
    const server = await Server.start()
    const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => join(server.state, name))
    const made = readFileSync(key, 'utf8')
    await server.stop()
    unlinkSync(certificate)
    await server.launch()
    hold(server.logged('certificate_made'), 'a line')
    equal(readFileSync(key, 'utf8'), made, 'the key')
    await (await Player.join(server)).leave()
    await server.finish()
    const nowhere = (name) => ({ state }) => symlinkSync('nowhere', join(state, name))
    refused(await ends([], {}, nowhere('certificate.pem')), 1, 'error certificate_failed', 'No such file')
    refused(await ends([], {}, nowhere('key.pem')), 1, 'error certificate_failed', 'No such file')
})

if (SANITIZED) skip('not enough memory for what is set: a clear line, 1', 'nothing starts with a sanitizer and little memory')
else also('not enough memory for what is set: a clear line, 1', async () => {
    const memory = 400 << 20
    refused(await ends(['--plain', '--sessions-max', '900000'], { memory }), 1, 'error', 'memory')
})

const pair = (folder, name) => {
    const paths = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-out', paths[0], '-keyout', paths[1]], { stdio: 'ignore' })
    return paths
}

also('a certificate that is broken, missing or of another key: a clear line, 1', async () => {
    const broken = await ends([], {}, ({ state }) => {
        writeFileSync(join(state, 'certificate.pem'), '-----BEGIN CERTIFICATE-----\nnonsense\n')
        writeFileSync(join(state, 'key.pem'), 'nonsense')
    })
    refused(broken, 1, 'error certificate', 'certificate.pem')
    refused(await ends(['--certificate', 'none.pem', '--key', 'none.key']), 1, 'error certificate', 'none.pem')
    refused(await ends(({ folder }) => ['--certificate', pair(folder, 'one')[0]]), 1, 'error certificate', 'state/key.pem', 'cannot read the key')
    refused(await ends(({ folder }) => ['--key', pair(folder, 'one')[1]]), 1, 'error certificate', 'state/certificate.pem', 'cannot read the certificate')
    const mixed = (server) => ['--certificate', pair(server.folder, 'one')[0], '--key', pair(server.folder, 'two')[1]]
    refused(await ends(mixed), 1, 'error certificate', 'does not belong')
})

also('somebody\'s own certificate is served', async () => {
    const server = new Server()
    const [certificate, key] = pair(server.folder, 'own')
    chmodSync(key, 0o600)
    Object.assign(server.settings, { certificate, key })
    await server.launch()
    const player = await Player.join(server)
    equal(player.ws.socket.getPeerCertificate().subject.CN, 'own', 'its name')
    await player.leave()
    await server.stop().catch((error) => { if (!/left behind/.test(error.message)) throw error })
    await server.discard()
})

await all(4) // none knows of another
await done()
