/* Our own listening sockets, one for each thread on the same port (SO_REUSEPORT): binding, accepting in
 * bounded batches, the bound on connections, and the pause when descriptors run out. */
#include "server/clock.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/edge/net_internal.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    ACCEPT_BATCH = 64,          /* accepted in one go, so that players are not kept waiting */
    BACKLOG = 4096,             /* a crowd that comes at once; the kernel's somaxconn bounds it as well */
    DESCRIPTORS_SPARE = 256,    /* beside connections: files, journals, database, loops */
    DESCRIPTORS_MOST = 1048576, /* the library keeps a table of this size for each thread */
};

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* ---- Binding. */

/* False: not an address. */
static bool parse_address(const char *text, uint16_t port, union address *address, socklen_t *size) {
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
static int bind_socket(const union address *address, socklen_t size, bool shared) {
    int one = 1, zero = 0;
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (shared) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* what it accepts inherits this */
    if (address->any.sa_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    if (bind(fd, &address->any, size) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}

/* With SO_REUSEPORT alone a second server of the same user would share the port in silence. So the port is
 * first bound, and listened on, without it: that fails if anyone else holds it. */
static int probe(const union address *address, socklen_t size) {
    int fd = bind_socket(address, size, false);
    if (fd < 0) return fd;
    int error = listen(fd, 1) ? errno : 0;
    close(fd);
    return -error;
}

static bool bind_all(struct net *net, const union address *address, socklen_t size) {
    for (uint32_t i = 0; i < net->thread_count; i++) {
        int fd = net->threads[i].listener = bind_socket(address, size, true);
        if (fd < 0) {
            log_write(LOG_ERROR, "listen_failed", "port=%u why=\"%s\"", net->outside.config->port,
                      strerror(-fd));
            net->threads[i].listener = -1;
            return false;
        }
    }
    return true;
}

bool net_listen(struct net *net) {
    const struct config *config = net->outside.config;
    union address address;
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
        log_write(LOG_ERROR, "listen_failed", "bind=%s port=%u why=\"%s\"", config->bind, config->port,
                  strerror(-found));
    return found == 0 && bind_all(net, &address, size);
}

/* ---- Accepting. */

static void write_address(const union address *from, char *into, socklen_t size) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const struct in6_addr *v6 = &from->v6.sin6_addr;
    if (from->any.sa_family == AF_INET)
        inet_ntop(AF_INET, &from->v4.sin_addr, into, size);
    else if (memcmp(v6, mapped, sizeof mapped) == 0)
        inet_ntop(AF_INET, &v6->s6_addr[12], into, size);
    else
        inet_ntop(AF_INET6, v6, into, size);
}

/* Hands a socket to the library, which owns it from then on, whatever comes of it. */
static void adopt(struct net_thread *thread, int fd, const char *address) {
    struct connection *connection = net_connection_make(thread, address);
    if (!connection) {
        close(fd);
        return;
    }
    thread->adopting = connection;
    thread->adopted = false;
    net_due_in(connection, clock_us(), thread->net->outside.config->handshake_s);
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

static void refuse(int fd, const char *address) {
    close(fd);
    metrics_add(METRIC_connections_refused, 1);
    log_limited(LOG_WARN, "connection_refused", "from=%s why=\"connections_max reached\"", address);
}

static void pause_accepting(struct net_thread *thread, int error) {
    uv_poll_stop(&thread->listening);
    thread->accepting = false;
    log_limited(LOG_WARN, "accept_paused", "why=\"%s\"", strerror(error));
}

/* False: nothing more to accept now. */
static bool accept_one(struct net_thread *thread) {
    union address from;
    socklen_t size = sizeof from;
    char text[48] = "unknown";
    int fd = accept4(thread->listener, &from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        bool scarce = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        if (scarce) pause_accepting(thread, errno);
        return errno == ECONNABORTED || errno == EINTR;
    }
    write_address(&from, text, sizeof text);
    if (atomic_load(&thread->net->connections) >= thread->net->connections_max)
        refuse(fd, text);
    else
        adopt(thread, fd, text);
    return true;
}

static void on_listening(uv_poll_t *handle, int status, int events) {
    struct net_thread *thread = handle->data;
    (void)status, (void)events;
    for (int i = 0; i < ACCEPT_BATCH && thread->accepting && accept_one(thread); i++) continue;
}

void net_listen_start(struct net_thread *thread) {
    listen(thread->listener, BACKLOG);
    uv_poll_init_socket(&thread->loop, &thread->listening, thread->listener);
    thread->listening.data = thread;
    thread->accepting = true;
    uv_poll_start(&thread->listening, UV_READABLE, on_listening);
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

void net_descriptors_raise(struct net *net) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MOST ? limit.rlim_max : DESCRIPTORS_MOST;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    uint64_t room =
        limit.rlim_cur > 2 * DESCRIPTORS_SPARE ? limit.rlim_cur - DESCRIPTORS_SPARE : limit.rlim_cur / 2;
    bool scarce = room < net->connections_max;
    if (scarce) net->connections_max = (uint32_t)room;
    log_write(scarce ? LOG_WARN : LOG_INFO, "descriptors", "limit=%llu connections_max=%u%s",
              (unsigned long long)limit.rlim_cur, net->connections_max,
              scarce ? " note=\"fewer than configured: raise the limit of open files\"" : "");
}
