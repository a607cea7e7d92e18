/* What a client knows, as the text in which a vector expects it: its tick, its hash and its rows, and what it
 * heard since the vector began, events and answers, one fact a line. One client at a time. */
#pragma once
#include "tests/rig.h"

enum { KNOWN_BYTES = 65536 };

/* A vector begins: nothing was heard yet. */
void known_begin(void);
/* The client takes a message; what it says is remembered. */
enum client_news known_take(struct rig_client *client, const uint8_t *bytes, size_t size);
/* The text, without what may follow a vector; valid until it is asked for again. */
const char *known_text(const struct client *client);
