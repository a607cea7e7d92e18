/* How bots behave, by name: the game's own brain, seeded chance, all to one place, onlookers, and the mute.
 */
#pragma once
#include "tests/load/brain.h"
#include "tests/load/pilot.h"

enum behaviour {
    BEHAVE_BRAIN,
    BEHAVE_RANDOM,
    BEHAVE_TURNS, /* all keys at once, once a second */
    BEHAVE_SPOT,
    BEHAVE_WATCH, /* no inputs */
    BEHAVE_MUTE,  /* not even acknowledgements */
    BEHAVE_COUNT
};

/* BEHAVE_COUNT: nobody knows that word. */
enum behaviour behaviour_named(const char *word);
bool behaviour_known(const char *word);
/* The input that steers towards the middle of the world: for games whose player's own row is the slot of the
 * same number in kind 0, and which are steered by `aim` and `thrust`, or by two fields as directions. */
void behaviour_gather(const struct client *client, int32_t *cells);
