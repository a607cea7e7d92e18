// The decoder that was written from docs/protocol.md alone (tests/golden/decoder) against the real server, over TLS: it
// plays the arena and dots, quick and slow, in both lanes, and every hash that the server states must be its own.
import { Server, done, equal, hold, test, until } from './lib.mjs'
import { Player } from './player.mjs'

const HASHES = 3 // each plays until the server has stated so many
const SLOW_MS = 600 // that a slow one is late to acknowledge

const server = await Server.start({ rate: 60 }, { ini: '[game arena]\ncomputers = 24\nsight = 2400\n' })
const roll = ({ min, max, wraps }) => min + Math.floor(Math.random() * (max - min + (wraps ? 0 : 1)))

/** Plays with random inputs; each frame is acknowledged late, alone or by an input. */
async function play(game, lane, late_ms) {
    const player = await Player.enter(server, { game, name: 'Second reader', lane })
    const { client } = player
    player.acknowledges = false
    player.merged = 0 // frames that tell what was missed
    const answer = (tick) => {
        if (Math.random() < 0.3) player.say([2, tick])
        else player.say([1, ++player.sequence, tick, ...client.welcome.schema.input.map(roll)])
    }
    player.heard = (message) => {
        if (message.number === 16) player.ping(1)
        if (message.number !== 32) return
        if (message.stale.elements.length) player.merged++
        setTimeout(answer, late_ms, client.tick)
    }
    const enough = () => player.over || client.hashes?.wrong || client.hashes?.right >= HASHES
    await until(enough, () => `${HASHES} hashes; ${client.hashes?.right} were stated`)
    equal(player.bye, undefined, 'BYE')
    equal(client.hashes.wrong, 0, 'wrong hashes')
    equal(client.welcome.lane, lane, 'lane')
    equal(client.answers.filter(({ what }) => what === 18).length, 1, 'PONGs to one PING')
    player.heard = null
    player.destroy()
    return player
}

// All play at once, which also gives each something to see.
const plays = [play('arena', 1, 0), play('arena', 0, 0), play('arena', 1, SLOW_MS), play('arena', 0, SLOW_MS), play('dots', 1, 0)]
for (const one of plays) one.catch(() => {}) // told by its test

await test('quick, lane linear', async () => {
    const { client, sequence } = await plays[0]
    hold(client.rows.size > 10, 'something to see')
    hold(client.used > 0 && client.used <= sequence, `inputs used: ${client.used} of ${sequence}`)
})
await test('quick, lane none', () => plays[1])
await test('slow, lane linear: gets what is merged', async () => hold((await plays[2]).merged > 0, 'merged'))
await test('slow, lane none: gets what is merged', async () => hold((await plays[3]).merged > 0, 'merged'))
await test('dots', () => plays[4])

await test('the server ends well', () => server.finish())
await done()
