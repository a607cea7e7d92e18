#!/usr/bin/env node
// Pictures a second of the arena's page with 200 ships in sight, in headless Chromium, as it is and with its CPU
// slowed down four times. The control is the same page with nobody but its own ship.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PAGES, report, say, scale, sleep, startServer } from './tools/bench.mjs'

const browserTests = join(dirname(fileURLToPath(import.meta.url)), '../browser/')
const { chromium } = createRequire(browserTests)('playwright-core')
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
const SHIPS = scale(200, 200, 5), SIZE = { width: 1280, height: 720 }
const SECONDS = scale(15, 1.5, 0.5), SETTLE_S = scale(3, 1.5, 0.2)
// Nobody dies, everybody is shown everything.
const RULES = { sight: 2400, safe: 30, respawn: 0.5, shot_damage: 1 }

/** Runs in the page before all else: counts what is asked of WebGL. */
function countDraws() {
    window.draws = 0
    for (const name of ['drawElements', 'drawArrays', 'drawElementsInstanced', 'drawArraysInstanced']) {
        const draw = WebGL2RenderingContext.prototype[name]
        WebGL2RenderingContext.prototype[name] = function (...words) {
            window.draws++
            return draw.apply(this, words)
        }
    }
}

/** Pictures a second; of each the time in scripts (the thread's own, without waiting), draw calls, and ships in sight. */
async function look(page, client) {
    const spent = async () => Object.fromEntries((await client.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]))
    const before = await spent()
    const { pictures, ships, draws, pixels, seconds } = await page.evaluate((ms) => new Promise((resolve) => {
        const { room, quality } = window.tidewire, began = performance.now(), drawn = window.draws
        let pictures = 0, ships = 0
        requestAnimationFrame(function count() {
            pictures++
            ships += [...room.rows('ship')].length - 1
            const past = performance.now() - began
            if (past < ms) requestAnimationFrame(count)
            else resolve({ pictures, ships: ships / pictures, draws: (window.draws - drawn) / pictures, pixels: quality.pixels, seconds: past / 1000 })
        })
    }), SECONDS * 1000)
    const after = await spent()
    return { value: pictures / seconds, script_ms: (after.ScriptDuration - before.ScriptDuration) * 1000 / pictures, draws, ships, pixels }
}

/** The whole round world on one screen. */
const zoomOut = (page) => page.evaluate(() => {
    const { camera, world } = window.tidewire
    camera.zoom = camera.height / world.size
})

async function measure(browser, computers) {
    const server = await startServer({ rules: { ...RULES, computers }, pages: PAGES })
    const page = await browser.newPage({ viewport: SIZE })
    await page.addInitScript(countDraws)
    await page.goto(`http://127.0.0.1:${server.port}/`)
    await page.waitForFunction(() => window.tidewire?.state === 'playing', null, { timeout: 30000 })
    await page.keyboard.press('Enter')
    await zoomOut(page)
    const client = await page.context().newCDPSession(page)
    await client.send('Performance.enable', { timeDomain: 'threadTicks' })
    const rows = []
    for (const rate of [1, 4]) {
        say(`${computers} ships, CPU slowed ${rate} times`)
        await client.send('Emulation.setCPUThrottlingRate', { rate })
        await sleep(SETTLE_S)
        rows.push({ case: `${computers}-ships-cpu-${rate}`, figure: 'pictures_per_s', unit: '/s', ...(await look(page, client)) })
    }
    await page.close()
    await server.end()
    return rows
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGS })
const alone = await measure(browser, 0)
const crowded = await measure(browser, SHIPS)
await browser.close()
crowded.forEach((row, i) => { row.control = alone[i].value, row.ratio = row.value / alone[i].value })
report([...alone, ...crowded],
    `ships: others that were in sight, on average, all of them on the ${SIZE.width} × ${SIZE.height} screen with their names; script_ms: of JavaScript for each picture,\n` +
        "as slowed down, by the thread's own clock; draws: WebGL calls for each; pixels: how finely it was drawn in the end (quality.js).\n" +
        'Headless Chromium without a GPU: WebGL is drawn in software on the same cores, which is most of the\n' +
        'time and is not slowed down with the page; at most 60 a second. control: the same page with its own ship alone.')
