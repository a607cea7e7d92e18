/* When to come back: whoever is sent away for a while is told another time than the others, so that a crowd
 * comes back as a stream that the server can take, not as a storm. One for the whole process; any thread. */
#pragma once
#include "protocol/codes.h"
#include <stdint.h>

/* Told about once a second: how many players there are, who might all be sent away at once. */
void comeback_crowd(uint32_t players);
/* How many milliseconds somebody who is told `code` is to wait before coming back; 0: not to come back. */
uint32_t comeback_wait_ms(enum code code);
/* The same in whole seconds, for `Retry-After` with a refusal by HTTP. */
uint32_t comeback_retry_s(void);

/* What they are made of: the wait with these many players and this throw of dice, 0 … 2³² − 1. */
uint32_t comeback_spread_ms(enum code code, uint32_t players, uint32_t dice);
