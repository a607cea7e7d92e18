/* What proxies say of the client behind them: the PROXY protocol (versions 1 and 2, as HAProxy's
 * doc/proxy-protocol.txt has it) and X-Forwarded-For. Pure readers of foreign bytes. */
#pragma once
#include "server/edge/address.h"

/* The longest PROXY header that is taken. Its specification promises receivers that 536 bytes come in one
 * piece; a header of version 2 with several extensions (certificates' names) stays below that. */
enum { PROXY_HEADER_MAX = 536 };

enum proxy_reading {
    PROXY_MORE,  /* so far all bytes belong to a header, which goes on */
    PROXY_WRONG, /* this is no header */
    PROXY_WHOLE  /* it is whole, `size` bytes long */
};
struct proxy_header {
    size_t size;
    bool own;  /* LOCAL: the proxy speaks for itself, and for nobody else */
    bool told; /* it names the client; neither: there is one, of whom it can tell nothing (UNKNOWN) */
    struct address client;
};
/* Looks at the first bytes of a connection, at most PROXY_HEADER_MAX. Extensions are passed over. */
enum proxy_reading proxy_read(const uint8_t *bytes, size_t size, struct proxy_header *header);

/* The client behind `X-Forwarded-For: …` as the nearest proxy of ours saw it: the last address that is not
 * itself a listed proxy's, since whatever stands before it is the client's own word. False: there is none. */
bool proxy_forwarded(const char *value, const struct networks *proxies, struct address *client);
