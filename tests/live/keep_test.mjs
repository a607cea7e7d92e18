// What lasts: names and scores by device token, through a clean restart and through a kill.
import { execFileSync } from 'node:child_process'
import { Server, done, equal, hold, test, until } from './lib.mjs'
import { Player } from './player.mjs'

// Rocks everywhere, fast guns, and nothing to lose: a score comes within seconds, but never without a shot.
const INI = '[game arena]\ncomputers = 0\nrocks = 96\npickups = 0\nshot_rate = 10\nshot_damage = 100\ndeath_cost = 0\n'
const server = await Server.start({ rate: 60 }, { ini: INI })
const ROUND = 3200 * 16 // the world's width in steps
let device, best

/** Where the nearest rock is, as a heading of 256 to a turn; −1: none in sight. */
function aim(player) {
    const ship = player.own('ship')
    let [nearest, heading] = [Infinity, -1]
    for (let slot = 0; ship && slot < 128; slot++) {
        const rock = player.row('rock', slot)
        if (!rock) continue
        const [dx, dy] = [rock.x - ship.x, rock.y - ship.y].map((d) => d - ROUND * Math.round(d / ROUND))
        if (Math.hypot(dx, dy) >= nearest) continue
        nearest = Math.hypot(dx, dy)
        heading = Math.round((Math.atan2(dy, dx) / (2 * Math.PI)) * 256) & 255
    }
    return heading
}

/** Flies at rocks and shoots until there is a score, and leaves: its entry of the top list, made from what was committed. */
async function earn(player) {
    const flying = setInterval(() => player.input(0, 4, 1, aim(player)), 30)
    const score = await until(() => player.own('pilot')?.score >= 10 && player.own('pilot').score, 'a score')
    clearInterval(flying)
    await player.leave()
    const entry = async () => (await server.json('/api/top?game=arena')).top.find(({ name }) => name === player.welcome.name)
    const found = await until(entry, 'an entry in the list')
    hold(found.best >= score, `best: ${found.best}, score: ${score}`)
    return found
}

await test('nobody has a score at first, and no row', async () => {
    equal((await server.json('/api/top?game=arena')).top.length, 0, 'entries')
    const visitor = await Player.join(server, { name: 'Visitor', device: '' })
    await visitor.leave()
    equal(server.query('select count(*) from accounts'), '0', 'accounts')
})

await test('a score is kept and shown; the file holds it, and no token', async () => {
    const ada = await Player.join(server, { name: 'Ada "L" Ünal', device: '' })
    device = ada.welcome.device
    best = (await earn(ada)).best
    hold(Number(server.query("select max(best) from results where game = 'arena'")) >= best, 'the row')
    equal(server.query('select count(*) from accounts'), '1', 'accounts')
    const dump = server.query('.dump')
    hold(!dump.includes(device) && !dump.includes(ada.welcome.session), 'tokens in the file')
})

await test('a device token gives the name back, and a guest none', async () => {
    const again = await Player.join(server, { device })
    equal(again.welcome.name, 'Ada "L" Ünal', 'name')
    equal(again.welcome.device, device, 'device')
    await again.leave()
    const guest = await Player.join(server, {})
    hold(guest.welcome.name !== 'Ada "L" Ünal', 'the guest has another name')
    await guest.leave()
})

await test('after a restart the name and the score are still there', async () => {
    await server.stop()
    await server.launch()
    const top = (await server.json('/api/top?game=arena')).top
    equal(top[0]?.name, 'Ada "L" Ünal', 'name')
    equal(top[0].best, best, 'best')
    const again = await Player.join(server, { device })
    equal(again.welcome.name, 'Ada "L" Ünal', 'name')
    again.destroy()
})

await test('who still plays when the server ends loses nothing', async () => {
    const dora = await Player.join(server, { name: 'Dora', device: '' })
    const flying = setInterval(() => dora.input(0, 4, 1, aim(dora)), 30)
    await until(() => dora.own('pilot')?.score >= 10, 'a score')
    clearInterval(flying)
    await server.stop()
    await server.launch()
    const found = (await server.json('/api/top?game=arena')).top.find(({ name }) => name === 'Dora')
    hold(found && found.best >= 10, 'the score')
})

await test('what was committed survives kill -9', async () => {
    const bob = await Player.join(server, { name: 'Bob', device: '' })
    const kept = await earn(bob)
    await server.kill()
    await server.launch()
    const again = (await server.json('/api/top?game=arena')).top.find(({ name }) => name === 'Bob')
    hold(again && again.best >= kept.best && again.kept >= kept.kept, `kept: ${JSON.stringify([kept, again])}`)
    const back = await Player.join(server, { device: bob.welcome.device })
    equal(back.welcome.name, 'Bob', 'name')
    await back.leave()
})

await test('where no file may grow for a while, as on a full disk, everybody plays on and nothing is lost', async () => {
    const allow = (bytes) => execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:`])
    allow(0)
    const eve = await Player.join(server, { name: 'Eve', device: '' })
    await Promise.all([earn(eve), server.told('store_failed').then(() => allow('unlimited'))])
})

await test('another name goes with the account from its next result on', async () => {
    const carol = await Player.join(server, { name: 'Carol', device })
    equal(carol.welcome.name, 'Carol', 'name')
    await carol.leave()
    const again = await Player.join(server, { device })
    equal(again.welcome.name, 'Ada "L" Ünal', 'name')
    await again.leave()
})

await test('a device token that nobody gave is a stranger with that token', async () => {
    const made = 'abcdef0123456789'.repeat(2)
    const stranger = await Player.join(server, { device: made, name: 'New' })
    equal(stranger.welcome.device, made, 'device')
    await stranger.leave()
})

await test('the server ends well', () => server.finish())
await done()
