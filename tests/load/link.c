/* What waits to be sent lies in one block, which is there only while something waits. */
#include "tests/load/link.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool fail(struct link *link, const char *what, const char *why) {
    snprintf(link->why, sizeof link->why, "%s%s%s", what, why[0] ? ": " : "", why);
    link_close(link);
    return false;
}

static bool fail_tls(struct link *link, const char *what) {
    char why[80];
    tls_why(link->stream, why, sizeof why);
    return fail(link, what, why);
}

/* The kernel chooses the port when it knows where to: so each address has all of them for each server. */
static bool bind_from(struct link *link, uint32_t from) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(from)};
    int yes = 1;
    if (from == 0) return true;
    setsockopt(link->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    return bind(link->fd, (struct sockaddr *)&address, sizeof address) == 0;
}

bool link_open(struct link *link, const struct sockaddr *to, socklen_t to_size,
               const struct link_security *security) {
    int yes = 1;
    *link = (struct link){.fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (link->fd < 0) return fail(link, "no socket", strerror(errno));
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (!bind_from(link, security->from)) return fail(link, "no address to come from", strerror(errno));
    if (connect(link->fd, to, to_size) == 0 || errno == EINPROGRESS) return true;
    return fail(link, "cannot connect", strerror(errno));
}

void link_close(struct link *link) {
    if (link->state == LINK_CLOSED) return;
    link->state = LINK_CLOSED;
    if (link->stream) tls_close(link->stream);
    if (link->fd >= 0) close(link->fd);
    free(link->waiting);
    link->stream = NULL;
    link->waiting = NULL;
    link->waiting_size = link->waiting_at = 0;
    link->fd = -1;
}

static bool connected(struct link *link, const struct link_security *security) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) return fail(link, "cannot connect", strerror(error));
    link->state = security->context ? LINK_SHAKING : LINK_OPEN;
    if (!security->context) return true;
    link->stream = tls_open(security->context, link->fd, security->host, security->verify);
    return link->stream || fail(link, "TLS", "no memory");
}

static void shake(struct link *link) {
    enum tls_result result = tls_shake(link->stream);
    link->shake_writes = result == TLS_AGAIN_WRITE;
    if (result == TLS_DONE) link->state = LINK_OPEN;
    if (result == TLS_FAILED || result == TLS_CLOSED) fail_tls(link, "TLS handshake refused");
}

enum link_state link_proceed(struct link *link, const struct link_security *security) {
    if (link->state == LINK_CONNECTING && !connected(link, security)) return LINK_CLOSED;
    if (link->state == LINK_SHAKING) shake(link);
    return (enum link_state)link->state;
}

static size_t read_plain(struct link *link, uint8_t *bytes, size_t size) {
    ssize_t got = recv(link->fd, bytes, size, 0);
    if (got > 0) return (size_t)got;
    if (got == 0) fail(link, "the server hung up", "");
    if (got < 0 && errno != EAGAIN && errno != EINTR) fail(link, "connection lost", strerror(errno));
    return 0;
}

size_t link_read(struct link *link, uint8_t *bytes, size_t size) {
    size_t got;
    if (!link->stream) return read_plain(link, bytes, size);
    switch (tls_read(link->stream, bytes, size, &got)) {
    case TLS_CLOSED:
        fail(link, "the server hung up", "");
        return 0;
    case TLS_FAILED:
        fail_tls(link, "connection lost");
        return 0;
    default:
        return got;
    }
}

bool link_pending(const struct link *link) {
    return link->stream && tls_pending(link->stream);
}

/* What leaves now; 0 also if it closed. */
static size_t send_some(struct link *link, const uint8_t *bytes, size_t size) {
    size_t put = 0;
    if (link->stream) {
        if (tls_write(link->stream, bytes, size, &put) == TLS_FAILED) fail_tls(link, "connection lost");
        return put;
    }
    ssize_t sent = send(link->fd, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) fail(link, "connection lost", strerror(errno));
    return sent > 0 ? (size_t)sent : 0;
}

static bool keep(struct link *link, const uint8_t *bytes, size_t size) {
    uint8_t *more = realloc(link->waiting, link->waiting_size + size);
    if (!more) return fail(link, "no memory", "");
    memcpy(more + link->waiting_size, bytes, size);
    link->waiting = more;
    link->waiting_size += size;
    return true;
}

bool link_write(struct link *link, const uint8_t *bytes, size_t size) {
    if (link->state != LINK_OPEN) return false;
    size_t sent = link->waiting ? 0 : send_some(link, bytes, size);
    if (link->state != LINK_OPEN) return false;
    return sent == size || keep(link, bytes + sent, size - sent);
}

bool link_flush(struct link *link) {
    while (link->state == LINK_OPEN && link->waiting) {
        size_t sent =
            send_some(link, link->waiting + link->waiting_at, link->waiting_size - link->waiting_at);
        if (sent == 0) break;
        link->waiting_at += sent;
        if (link->waiting_at < link->waiting_size) continue;
        free(link->waiting);
        link->waiting = NULL;
        link->waiting_size = link->waiting_at = 0;
    }
    return link->state == LINK_OPEN;
}

bool link_wants_room(const struct link *link) {
    return link->state == LINK_CONNECTING || link->shake_writes || link->waiting;
}
