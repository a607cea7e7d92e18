/* Admission: how many sockets there may be, in all and of one address, how fast new ones may come, and how
 * much memory all may take. IPv6 is counted by /64, which is what one household is given, and by /48, a site,
 * which who rents a server is given for nothing. Knows numbers only: no sockets, no clock, no log. Any thread
 * may ask; one small lock, held for two looks into a table. */
#pragma once
#include "server/edge/address.h"

struct admission_limits {     /* 0: no bound */
    uint32_t sockets;         /* at once, in all; never 0 */
    uint32_t address_sockets; /* at once, of one address */
    uint32_t address_rate;    /* new ones a second, of one address … */
    uint32_t rate;            /* … and of all */
    uint64_t memory;          /* bytes in use */
};

enum admission_verdict {
    ADMISSION_GRANTED,
    ADMISSION_FULL,         /* too many sockets */
    ADMISSION_MEMORY,       /* too much memory in use */
    ADMISSION_RATE,         /* too many new ones */
    ADMISSION_ADDRESS,      /* too many sockets of this address */
    ADMISSION_ADDRESS_RATE, /* too many new ones of this address */
};
enum {
    ADMISSION_ADDRESS_BURST_S = 8, /* seconds' worth that one address may bring at once: a class begins */
    ADMISSION_BURST_S = 2,         /* … and all addresses together */
    ADMISSION_SITE = 8             /* addresses' worth that one site may have: all phones of a town, but no
                                    * stranger the whole server */
};

struct admission;

/* `seed`: random, so that nobody can choose addresses that share a place in the table. NULL: no memory. */
struct admission *admission_create(const struct admission_limits *limits, uint64_t seed);
void admission_destroy(struct admission *admission); /* NULL is fine */

/* One more socket was accepted. Granted: it counts until admission_leave. */
enum admission_verdict admission_enter(struct admission *admission);
void admission_leave(struct admission *admission);
/* Told about once a second: bytes that are in use. */
void admission_tell_memory(struct admission *admission, uint64_t used);

/* This address is behind a socket, which is `fresh`, or was another's before. Granted: `*place` is to be
 * given back by admission_release; 0 if the table had no room for the address: then it is not counted (the
 * totals bound it). */
enum admission_verdict admission_ask(struct admission *admission, const struct address *address, bool fresh,
                                     uint64_t now_us, uint32_t *place);
/* Place 0 is fine. */
void admission_release(struct admission *admission, uint32_t place);

/* Words for the log. Static. */
const char *admission_text(enum admission_verdict verdict);
