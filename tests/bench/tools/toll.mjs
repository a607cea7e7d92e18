// A road with a toll: passes bytes on to a server after a stated delay each way, and counts them and the requests
// that go by in the clear.
import { connect, createServer } from 'node:net'

export class Toll {
    /** `delay`: milliseconds each way. */
    static async open(port, delay) {
        const toll = new Toll()
        Object.assign(toll, { target: port, delay, up: 0, down: 0, requests: 0 })
        toll.server = createServer({ noDelay: true }, (near) => toll.#join(near))
        await new Promise((done) => toll.server.listen(0, '127.0.0.1', done))
        toll.port = toll.server.address().port
        return toll
    }

    #join(near) {
        const far = connect({ port: this.target, host: '127.0.0.1', noDelay: true })
        this.#pass(near, far, (bytes) => {
            this.up += bytes.length
            if (/^(GET|POST|OPTIONS) /.test(bytes.subarray(0, 8).toString('latin1'))) this.requests++
        })
        this.#pass(far, near, (bytes) => (this.down += bytes.length))
    }

    /** Timers of one length fire in the order in which they were set: nothing overtakes. */
    #pass(from, to, count) {
        from.on('data', (bytes) => {
            count(bytes)
            setTimeout(() => to.destroyed || to.write(bytes), this.delay)
        })
        from.on('close', () => setTimeout(() => to.destroy(), this.delay))
        from.on('error', () => {})
    }

    get counted() {
        const { up, down, requests } = this
        return { up, down, requests }
    }

    close() {
        this.server.close()
    }
}
