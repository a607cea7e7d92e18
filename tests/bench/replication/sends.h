/* The control of what assembly costs: bare send() on loopback sockets of plain TCP whose other ends are read
 * by a thread of their own. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { SENDS_SOCKETS = 64 };

struct sends;

/* Leaves the program if sockets are refused. */
struct sends *sends_create(void);
void sends_destroy(struct sends *sends);
/* One send() on one of the sockets. */
void sends_one(struct sends *sends, uint32_t which, const uint8_t *bytes, size_t size);
