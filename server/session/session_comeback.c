#include "server/session/session_comeback.h"
#include "server/keep/token.h"
#include <stdatomic.h>

enum {
    PER_SECOND = 1000,   /* comers that the server can take: their handshakes are half of a core's time */
    WAIT_MS = 1000,      /* at least: a server that is started anew stands within that */
    WAIT_FULL_MS = 5000, /* for who found it full: places come free one by one */
    SPREAD_MS_LEAST = 2000,
    SPREAD_MS_MOST = 60000 /* nobody waits longer than a minute; beyond 60,000 players more come at once */
};

static _Atomic uint32_t crowd;

void comeback_crowd(uint32_t players) {
    atomic_store_explicit(&crowd, players, memory_order_relaxed);
}

uint32_t comeback_spread_ms(enum code code, uint32_t players, uint32_t dice) {
    bool full = code == CODE_SERVER_FULL || code == CODE_ROOM_FULL;
    uint64_t spread_ms = (uint64_t)players * 1000 / PER_SECOND;
    if (spread_ms < SPREAD_MS_LEAST) spread_ms = SPREAD_MS_LEAST;
    if (spread_ms > SPREAD_MS_MOST) spread_ms = SPREAD_MS_MOST;
    return (full ? WAIT_FULL_MS : WAIT_MS) + (uint32_t)(spread_ms * dice >> 32);
}

uint32_t comeback_wait_ms(enum code code) {
    if (!code_retry(code)) return 0;
    uint32_t players = atomic_load_explicit(&crowd, memory_order_relaxed);
    return comeback_spread_ms(code, players, (uint32_t)token_random());
}

uint32_t comeback_retry_s(void) {
    return (comeback_wait_ms(CODE_SERVER_FULL) + 999) / 1000;
}
