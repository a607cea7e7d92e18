// The bots' scenarios, each in small.
import { readdirSync } from 'node:fs'
import { CROWD, SCENARIOS, addressOf, bots, small } from './crowd.mjs'
import { Server, done, equal, hold, test } from './lib.mjs'

const server = await Server.start({ plain: true })
const run = (...flags) => bots([...addressOf(server), '--json', ...flags])

for (const file of readdirSync(SCENARIOS)) {
    const name = file.replace('.txt', '')
    await test(`scenario ${name}, in small`, async () => {
        const ramp = ['--ramp', '0.5', '--back', '0.1', ...(name === 'churn' ? ['--stay', '1', '--away', '0.2'] : [])]
        const seconds = name === 'storm' || name === 'burst' ? 7 : 4
        const result = await run('--scenario', name, ...small(seconds), ...ramp, ...(name === 'burst' ? ['--clients', '240'] : []))
        equal(result.code, 0, `exit (${result.words})`)
        equal(result.joined, result.clients, 'joined')
        equal(result.divergent, 0, 'divergent')
        equal(result.scenario, name, 'scenario')
        if (name === 'storm') equal(result.resumed, result.cuts, 'all who were cut off go on with what they held')
        if (name === 'storm') hold(result.cuts >= CROWD && result.resume_p50_ms > 100, JSON.stringify(result))
        if (name === 'slow') hold(result.age_max_ms > result.age_p50_ms, 'nobody is slow')
    })
}

await test('the server ends well', () => server.finish())
await done()
