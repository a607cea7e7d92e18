// What the bots tell: exit codes, files, a copy that was spoilt.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AT_ONCE, BOTS, addressOf, bots, small } from './crowd.mjs'
import { Server, all, also, done, equal, hold, test } from './lib.mjs'

const folder = mkdtempSync(join(tmpdir(), 'tidewire-bots-'))
const server = await Server.start({ plain: true })
const PERCENTILES = ['age', 'effect', 'gap', 'jitter', 'rtt', 'join', 'resume'].map((time) => ['p50', 'p90', 'p99', 'p999', 'max'].map((share) => `${time}_${share}_ms`))
const run = (...flags) => bots([...addressOf(server), '--json', ...flags])

also('a copy that was spoilt is noticed, and its first wrong field named', async () => {
    const result = await run(...small(7), '--garble', '3')
    equal(result.code, 1, 'exit')
    equal(result.divergent, 1, 'divergent')
    hold(/bot 3 diverged at tick \d+: the first wrong field is \w+ of \w+ \d+ \(row \d+\): -?\d+, but -?\d+ for bot \d+/.test(result.words), result.words)
})

also('over polls, unchecked, and over TLS', async () => {
    const secure = await Server.start({})
    const words = ['--url', `wss://localhost:${secure.port}/play`, '--json', ...small(3), '--over', '50% stream, 50% poll']
    for (const result of await Promise.all([run(...small(3), '--over', 'poll', '--checked', '2'), bots(words)])) equal(result.code, 0, `exit (${result.words})`)
    await secure.finish()
})

also('objectives decide the exit code', async () => {
    const well = await run(...small(2), '--slo', 'divergent=0,joined>=1,age_p50<10s')
    equal(well.code, 0, 'met')
    equal(well.met, true, 'met in JSON')
    const missed = await run(...small(2), '--slo', 'divergent=0,rtt_p99<1us')
    equal(missed.code, 3, 'missed')
    equal(missed.fine, true, 'fine all the same')
    equal(missed.objectives.filter(({ met }) => !met).length, 1, 'missed objectives')
    hold(/rtt_p99/.test(missed.words), missed.words)
    equal((await run(...small(2), '--slo', 'nonsense')).code, 2, 'no objective')
    const unheard = await run(...small(60), '--slo', 'unheard_of<3')
    equal(unheard.code, 2, 'an objective about nothing')
    hold(/nothing is called unheard_of/.test(unheard.words), unheard.words)
    equal(missed.words.match(/rtt_p99/g).length, 1, `how often it is told (${missed.words})`)
})

also('CSV has one line a second, HTML stands alone', async () => {
    const [csv, html] = [join(folder, 'run.csv'), join(folder, 'run.html')]
    const result = await run(...small(4), '--csv', csv, '--html', html)
    equal(result.code, 0, `exit (${result.words})`)
    const [head, ...rows] = readFileSync(csv, 'utf8').trim().split('\n').map((line) => line.split(','))
    hold(rows.length > 1 && rows.length <= Number(rows.at(-1)[head.indexOf('at_s')]) + 1, `${rows.length} lines`)
    for (const row of rows) hold(row.length === head.length && row.every((cell) => Number.isFinite(Number(cell))), row.join())
    for (const name of ['at_s', 'playing', 'bytes_each', 'corrections', 'missed_ticks', 'server_cpu_percent', ...PERCENTILES.flat()]) hold(head.includes(name), name)
    const page = readFileSync(html, 'utf8')
    hold((page.match(/<svg /g) ?? []).length >= 8 && page.includes('age of state'), 'plots are missing')
    hold(!/(src|href)=|url\(|NaN|inf/.test(page), 'it needs something, or holds no numbers')
})

also('a file that cannot be written is no good end', async () => {
    for (const flag of ['--csv', '--html']) equal((await run(...small(1), flag, join(folder, 'nowhere', 'file'))).code, 1, flag)
})

also('JSON has every percentile', async () => {
    const result = await run(...small(3), '--play', 'brain')
    for (const names of PERCENTILES) {
        const list = names.map((name) => result[name])
        hold(list.every(Number.isFinite), `${names}: ${list}`)
        hold(list.every((value, i) => i === 0 || value >= list[i - 1]), `${names} do not rise: ${list}`)
    }
    for (const name of ['bytes_per_client_s', 'client_bytes_p99', 'corrections', 'missed_ticks', 'server_tick_p99_ms', 'server_memory_per_connection'])
        hold(Number.isFinite(result[name]), name)
})

also('rows of others that should be private are complained of', async () => {
    const result = await run(...small(1), '--private', 'ship')
    equal(result.code, 1, 'exit')
    hold(result.private_seen > 0 && /a private row of somebody else came/.test(result.words), result.words)
})

also('piped, it tells a plain line a second', async () => {
    const { code, words, text } = await bots([...addressOf(server), ...small(3)])
    equal(code, 0, 'exit')
    hold(words.split('\n').filter((line) => /^ +\d+ s  \d+ /.test(line)).length >= 3 && !words.includes('\x1b'), words)
    hold(/age of state +\d/.test(text) && /checked +\d+ of \d+ clients/.test(text), text)
})

also('on a terminal: a bar on the ramp, then a line that overwrites itself, within the width', async () => {
    const words = [BOTS, ...addressOf(server), ...small(1), '--ramp', '2.5'].join(' ')
    const terminal = spawn('script', ['-qec', `stty cols 60; ${words}`, '/dev/null'], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    terminal.stdout.on('data', (bytes) => (text += bytes))
    equal((await once(terminal, 'close'))[0], 0, 'exit')
    const lines = text.slice(0, text.indexOf('clients,')).split('\r\x1b[K').slice(1, -1)
    hold(lines.length >= 3 && lines.every((line) => line.length < 60 && !line.includes('\n')), JSON.stringify(lines))
    hold(/^\[#+\.+\] +\d s  \d+ in/.test(lines[0]) && /^ +\d s  \d+ playing/.test(lines.at(-1)), JSON.stringify(lines))
    hold(text.includes('age of state'), 'the table')
})

also('only some are checked', async () => {
    const result = await run(...small(3), '--checked', '3')
    equal(result.code, 0, `exit (${result.words})`)
    equal(result.checked, 3, 'checked')
    hold(result.hashes >= 3 && result.age_p50_ms < 1000, JSON.stringify(result))
})

await all(AT_ONCE)
await test('the server ends well', () => server.finish())
rmSync(folder, { recursive: true })
await done()
