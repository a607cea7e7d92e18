/* One way for bytes: a non-blocking TCP socket, with or without TLS over it. Knows nothing of WebSockets. */
#pragma once
#include "tests/load/tls.h"
#include <sys/socket.h>

enum link_state { LINK_CONNECTING, LINK_SHAKING, LINK_OPEN, LINK_CLOSED };

struct link {
    int fd;
    uint8_t state;         /* enum link_state */
    bool shake_writes;     /* TLS waits for room to write */
    struct ssl_st *stream; /* NULL: plain */
    uint8_t *waiting;      /* bytes that the socket did not take yet */
    size_t waiting_size, waiting_at;
    char why[120]; /* it closed */
};

struct link_security { /* how to speak TLS; context NULL: plain */
    struct ssl_ctx_st *context;
    const char *host;
    bool verify;
    uint32_t from; /* IPv4 address to come from, in the host's byte order; 0: any */
};

/* Begins to connect. False: closed at once, `why` tells. */
bool link_open(struct link *link, const struct sockaddr *to, socklen_t to_size,
               const struct link_security *security);
/* Goes on connecting or shaking hands after an event; gives the state. */
enum link_state link_proceed(struct link *link, const struct link_security *security);
/* Bytes read; 0: nothing there, or closed: look at `state`. */
size_t link_read(struct link *link, uint8_t *bytes, size_t size);
/* Whether link_read has more without another event. */
bool link_pending(const struct link *link);
/* Sends, and keeps what does not leave at once. False: closed. */
bool link_write(struct link *link, const uint8_t *bytes, size_t size);
/* Goes on sending what waits. False: closed. */
bool link_flush(struct link *link);
/* Whether it should be watched for room to write. */
bool link_wants_room(const struct link *link);
/* Any number of times. */
void link_close(struct link *link);
