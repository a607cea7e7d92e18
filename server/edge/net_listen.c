/* Our own listening sockets, one for each thread on the same port (SO_REUSEPORT): binding, accepting in
 * bounded batches, the bound on connections, and the pause when descriptors run out. */
#include "server/clock.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/edge/net_internal.h"
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    ACCEPT_BATCH = 64,          /* accepted in one go, so that players are not kept waiting */
    BACKLOG = 4096,             /* a crowd that comes at once; the kernel's somaxconn bounds it as well */
    UNSENT_MAX = LIMIT_FRAME,   /* bytes the kernel keeps for who takes none: it would keep megabytes */
    DESCRIPTORS_SPARE = 64,     /* beside connections: database, log, what the libraries have open */
    DESCRIPTORS_THREAD = 8,     /* of each thread's loop and listener */
    DESCRIPTORS_MOST = 1048576, /* the library keeps a table of this size for each thread */
};

union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* ---- Binding. */

/* False: not an address. */
static bool parse_address(const char *text, uint16_t port, union socket_address *address, socklen_t *size) {
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        *size = sizeof address->v4;
        return true;
    }
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons(port);
    *size = sizeof address->v6;
    return inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1;
}

/* Returns the socket, or −errno. `shared`: others of ours may bind the port as well. */
static int bind_socket(const union socket_address *address, socklen_t size, bool shared) {
    int one = 1, zero = 0, unsent = UNSENT_MAX;
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (shared) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    /* What it accepts inherits these. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    if (address->any.sa_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    if (bind(fd, &address->any, size) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}

/* With SO_REUSEPORT alone a second server of the same user would share the port in silence. So the port is
 * first bound, and listened on, without it: that fails if anyone else holds it. */
static int probe(const union socket_address *address, socklen_t size) {
    int fd = bind_socket(address, size, false);
    if (fd < 0) return fd;
    int error = listen(fd, 1) ? errno : 0;
    close(fd);
    return -error;
}

static void tell_failed(const struct net *net, int error) {
    const struct config *config = net->outside.config;
    log_write(LOG_ERROR, "listen_failed", "bind=%s port=%u why=\"%s\"", config->bind, config->port,
              strerror(error));
}

static bool bind_all(struct net *net, const union socket_address *address, socklen_t size) {
    for (uint32_t i = 0; i < net->thread_count; i++) {
        int fd = net->threads[i].listener = bind_socket(address, size, true);
        if (fd >= 0) continue;
        tell_failed(net, -fd);
        net->threads[i].listener = -1;
        return false;
    }
    return true;
}

bool net_listen(struct net *net) {
    const struct config *config = net->outside.config;
    union socket_address address;
    socklen_t size;
    if (!parse_address(config->bind, (uint16_t)config->port, &address, &size)) {
        log_write(LOG_ERROR, "listen_failed", "bind=%s why=\"not an address\"", LOG_QUOTE(config->bind));
        return false;
    }
    int found = probe(&address, size);
    if ((found == -EAFNOSUPPORT || found == -EADDRNOTAVAIL) && strcmp(config->bind, "::") == 0) {
        parse_address("0.0.0.0", (uint16_t)config->port, &address, &size); /* a machine without IPv6 */
        found = probe(&address, size);
    }
    if (found == -EADDRINUSE)
        log_write(LOG_ERROR, "listen_failed",
                  "port=%u why=\"taken by another program; choose another with --port\"", config->port);
    else if (found < 0)
        tell_failed(net, -found);
    return found == 0 && bind_all(net, &address, size);
}

/* ---- Accepting. */

static struct address address_of(const union socket_address *from) {
    struct address address;
    if (from->any.sa_family == AF_INET) return address_v4((const uint8_t *)&from->v4.sin_addr);
    memcpy(address.bytes, &from->v6.sin6_addr, sizeof address.bytes);
    return address;
}

struct address net_socket_peer(int fd) {
    union socket_address from = {0};
    socklen_t size = sizeof from;
    getpeername(fd, &from.any, &size);
    return address_of(&from);
}

void net_adopt(struct connection *connection, int fd) {
    struct net_thread *thread = connection->thread;
    thread->adopting = connection;
    thread->adopted = false;
    lws_adopt_desc_t how = {.vh = thread->vhost,
                            .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL,
                            .fd.sockfd = fd,
                            .opaque = connection};
    struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&how);
    /* On failure the connection was freed with the library's own (LWS_CALLBACK_WSI_DESTROY), if it made one.
     */
    if (!wsi && !thread->adopted) net_connection_free(connection);
    thread->adopting = NULL;
}

static void drop(struct connection *connection, int fd) {
    close(fd);
    net_connection_free(connection);
}

/* From a socket that counts already to a connection, by way of its proxy's header if it is to have one. */
static void take_in(struct net_thread *thread, int fd, const struct address *peer) {
    const struct config *config = thread->net->outside.config;
    struct connection *connection = net_connection_make(thread, peer);
    if (!connection) {
        close(fd);
        admission_leave(thread->net->admission);
        return;
    }
    net_due_in(connection, clock_us(), config->handshake_s);
    if (connection->listed && config->proxy_protocol) {
        if (!net_proxy_wait(connection, fd)) drop(connection, fd);
    } else if (net_admit(connection, peer, true)) {
        net_adopt(connection, fd);
    } else {
        drop(connection, fd);
    }
}

/* Until the next turn: who comes meanwhile waits with the kernel. */
static void pause_accepting(struct net_thread *thread) {
    uv_poll_stop(&thread->listening);
    thread->accepting = false;
    metrics_add(METRIC_accept_pauses, 1);
}

static void refuse(struct net_thread *thread, int fd, const struct address *peer,
                   enum admission_verdict verdict) {
    char text[ADDRESS_TEXT];
    close(fd);
    address_write(peer, text);
    net_tell_refused(verdict, text);
    thread->refused = true;
}

/* The last reserve of descriptors: logs, journals and the database need them more. */
static void tell_scarce(struct net_thread *thread, int error) {
    log_limited(LOG_WARN, "accept_paused", "why=\"%s\"", strerror(error));
    thread->refused = true;
}

/* False: nothing more to accept now. */
static bool accept_one(struct net_thread *thread) {
    union socket_address from;
    socklen_t size = sizeof from;
    int fd = accept4(thread->listener, &from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        int error = errno;
        bool scarce = error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
        if (scarce) tell_scarce(thread, error);
        return error == ECONNABORTED || error == EINTR;
    }
    struct address peer = address_of(&from);
    enum admission_verdict verdict = admission_enter(thread->net->admission);
    if (verdict == ADMISSION_GRANTED)
        take_in(thread, fd, &peer);
    else
        refuse(thread, fd, &peer, verdict);
    return true;
}

static void on_listening(uv_poll_t *handle, int status, int events) {
    struct net_thread *thread = handle->data;
    (void)status, (void)events;
    thread->refused = false;
    for (int i = 0; i < ACCEPT_BATCH && accept_one(thread); i++) continue;
    if (thread->refused)
        pause_accepting(thread); /* a crowd that can't be let in must not cost more than this */
}

bool net_listen_start(struct net_thread *thread) {
    if (listen(thread->listener, BACKLOG)) {
        tell_failed(thread->net, errno);
        return false;
    }
    thread->accepting = true;
    uv_poll_start(&thread->listening, UV_READABLE, on_listening);
    return true;
}

static void on_closed(uv_handle_t *handle) {
    struct net_thread *thread = handle->data;
    close(thread->listener);
    thread->listener = -1;
}

void net_listen_stop(struct net_thread *thread) {
    if (thread->listener < 0 || uv_is_closing((uv_handle_t *)&thread->listening)) return;
    thread->accepting = false;
    uv_poll_stop(&thread->listening);
    uv_close((uv_handle_t *)&thread->listening, on_closed);
}

void net_listen_again(struct net_thread *thread) {
    if (thread->accepting || thread->listener < 0 || uv_is_closing((uv_handle_t *)&thread->listening)) return;
    thread->accepting = true;
    uv_poll_start(&thread->listening, UV_READABLE, on_listening);
}

/* ---- Descriptors. */

/* What connections may not take. */
static uint64_t descriptors_kept(const struct net *net) {
    const struct config *config = net->outside.config;
    uint32_t journals = config->journal[0] ? config->rooms_max : 0;
    return DESCRIPTORS_SPARE + DESCRIPTORS_THREAD * net->thread_count + journals;
}

static uint64_t raise_limit(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MOST ? limit.rlim_max : DESCRIPTORS_MOST;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

bool net_descriptors_raise(struct net *net) {
    uint64_t limit = raise_limit(), kept = descriptors_kept(net);
    if (limit <= kept) {
        log_write(LOG_ERROR, "descriptors",
                  "limit=%" PRIu64 " why=\"%" PRIu64 " are needed beside connections\"", limit, kept);
        return false;
    }
    bool scarce = limit - kept < net->connections_max;
    if (scarce) net->connections_max = (uint32_t)(limit - kept);
    log_write(scarce ? LOG_WARN : LOG_INFO, "descriptors", "limit=%" PRIu64 " connections_max=%u%s", limit,
              net->connections_max,
              scarce ? " note=\"fewer than configured: raise the limit of open files\"" : "");
    return true;
}
