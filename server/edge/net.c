/* The edge's threads: starts, wakes, drains and stops them; owns their loops, contexts and connections.
 * Listening, TLS, HTTP and WebSockets have a file each beside this one. */
#include "server/edge/net.h"
#include "server/clock.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/edge/net_internal.h"
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* So that our own timer, which counts and tells, is the first. */
enum { OURS_FIRST_S = 2, LAST_REQUESTS_US = 1000000, LAST_WORDS_US = 6000000 };

/* ---- Connections. */

const char *net_peer(const struct connection *connection) {
    address_write(&connection->peer, connection->thread->peer);
    return connection->thread->peer;
}

struct connection *net_connection_make(struct net_thread *thread, const struct address *peer) {
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) return NULL;
    connection->thread = thread;
    connection->local = address_is_loopback(peer);
    connection->listed = networks_hold(&thread->net->proxies, peer);
    connection->peer = *peer;
    metrics_thread_connections(thread->number, 1);
    metrics_add(METRIC_connections_opened, 1);
    metrics_add(METRIC_connections, 1);
    return connection;
}

void net_connection_free(struct connection *connection) {
    net_ws_gone(connection);
    wheel_disarm(&connection->timer);
    admission_release(connection->thread->net->admission, connection->place);
    admission_leave(connection->thread->net->admission);
    metrics_thread_connections(connection->thread->number, -1);
    metrics_take(METRIC_connections, 1);
    free(connection);
}

void net_due_in(struct connection *connection, uint64_t now_us, uint32_t seconds) {
    wheel_arm(&connection->thread->wheel, &connection->timer, now_us + seconds * UINT64_C(1000000));
}

/* The library closes violently only from a timeout of its own, so it is given one that is due at once. */
void net_kill(struct connection *connection) {
    if (connection->state == CONNECTION_GONE) return;
    net_ws_gone(connection);
    connection->state = CONNECTION_GONE;
    connection->thread->killed = true;
    lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

bool net_write_from(struct connection *connection, uint8_t *bytes, size_t size, enum lws_write_protocol as) {
    if (lws_write(connection->wsi, bytes + LWS_PRE, size, as) >= 0) return true;
    net_kill(connection);
    return false;
}

bool net_write(struct connection *connection, size_t size, enum lws_write_protocol as) {
    return net_write_from(connection, connection->thread->buffer, size, as);
}

/* ---- One thread's turns. */

static void hand_in(enum metric metric, uint64_t *count) {
    if (*count) metrics_add(metric, *count);
    *count = 0;
}

/* After each wake-up and turn: counts go to the metrics in one step, and the library is told that it has
 * something to kill (its timers only run after socket events). */
static void finish_round(struct net_thread *thread) {
    hand_in(METRIC_messages, &thread->messages);
    hand_in(METRIC_message_bytes, &thread->message_bytes);
    hand_in(METRIC_writes, &thread->writes);
    hand_in(METRIC_frames_held_back, &thread->held_back);
    hand_in(METRIC_loop_turns, &thread->turns);
    if (thread->killed) lws_cancel_service(thread->context);
    thread->killed = false;
}

static void on_woken(uv_async_t *handle) {
    struct net_thread *thread = handle->data;
    struct net *net = thread->net;
    if (atomic_load(&net->draining)) net_listen_stop(thread);
    if (atomic_load(&net->ended)) {
        uv_stop(&thread->loop);
        return;
    }
    net_tls_renew(thread);
    thread->published = true;
}

/* That it runs is all: the loop does not wait for sockets then. */
static void on_looking(uv_idle_t *handle) {
    (void)handle;
}

/* Runs before sockets are asked, and after what the library had read earlier and kept. */
static void on_preparing(uv_prepare_t *handle) {
    struct net_thread *thread = handle->data;
    thread->reading = true;
}

/* Runs after everything that waited in the sockets was read: so acknowledgements that are here already open
 * the gate before it is looked at, and our own lateness is not held against a client. For the same reason
 * not all are looked at in one go; whoever has had a turn gets what is newer in the next round. */
static void on_checking(uv_check_t *handle) {
    struct net_thread *thread = handle->data;
    thread->reading = false;
    thread->turns++;
    if (!thread->unlooked && thread->published) {
        thread->published = false;
        net_ws_wake(thread);
    }
    if (thread->unlooked) {
        net_ws_look(thread, clock_us());
        finish_round(thread);
    }
    if (thread->unlooked || thread->published)
        uv_idle_start(&thread->looking, on_looking);
    else
        uv_idle_stop(&thread->looking);
}

static void connection_due(struct connection *connection, uint64_t now_us) {
    switch ((enum connection_state)connection->state) {
    case CONNECTION_NEW:
        log_limited(LOG_INFO, "handshake_late", "from=%s", net_peer(connection));
        if (connection->newcomer)
            net_proxy_drop(connection->newcomer);
        else
            net_kill(connection);
        break;
    case CONNECTION_HTTP:
    case CONNECTION_SERVING:
        net_http_due(connection, now_us);
        break;
    case CONNECTION_BODY:
    case CONNECTION_HELD:
    case CONNECTION_ENDED:
        net_down_due(connection, now_us);
        break;
    case CONNECTION_GONE:
        break;
    default:
        net_ws_due(connection, now_us);
        break;
    }
}

static void on_turning(uv_timer_t *handle) {
    struct net_thread *thread = handle->data;
    uint64_t now_us = clock_us();
    for (struct wheel_timer *timer; (timer = wheel_turn(&thread->wheel, now_us));)
        connection_due((struct connection *)((char *)timer - offsetof(struct connection, timer)), now_us);
    if (thread->number == 0) net_admission_turn(thread->net);
    net_listen_again(thread);
    if (!thread->unlooked) net_ws_group(thread);
    finish_round(thread);
}

static void *run(void *argument) {
    struct net_thread *thread = argument;
    char name[16];
    snprintf(name, sizeof name, "net-%u", thread->number);
    pthread_setname_np(pthread_self(), name);
    uv_run(&thread->loop, UV_RUN_DEFAULT);
    return NULL;
}

/* ---- Making and unmaking them. */

/* A space keeps the page's own entry from being asked for as a subprotocol. */
static const struct lws_protocols protocols[] = {
    {.name = "tidewire http", .callback = net_http_callback, .tx_packet_size = NET_BUFFER},
    {.name = "tidewire.1",
     .callback = net_ws_callback,
     .rx_buffer_size = NET_RX_BYTES,
     .tx_packet_size = NET_BUFFER},
#ifdef TIDEWIRE_ECHO
    {.name = "echo", .callback = net_echo_callback, .rx_buffer_size = 16384, .tx_packet_size = NET_BUFFER},
#endif
    {0},
};

/* The library's keep-alive would put a timer for each connection into a sorted list: zeroed, it has none. */
static const lws_retry_bo_t no_retry;

static bool make_context(struct net_thread *thread) {
    const struct config *config = thread->net->outside.config;
    void *loops[] = {&thread->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .options = LWS_SERVER_OPTION_LIBUV,
        .foreign_loops = loops,
        .protocols = protocols,
        .user = thread,
        .pcontext = &thread->context,
        .vhost_name = "tidewire",
        .alpn = "http/1.1", /* HTTP/2 is left off: its floods have no bound in this version */
        .retry_and_idle_policy = &no_retry,
        .pt_serv_buf_size = 32 * 1024,
        .max_http_header_data = NET_HEADERS,
        .timeout_secs = config->handshake_s + OURS_FIRST_S,
        .timeout_secs_ah_idle = config->handshake_s + OURS_FIRST_S,
        .keepalive_timeout = (int)config->request_s + OURS_FIRST_S,
    };
    net_tls_fill(thread->net, &info);
    thread->context = lws_create_context(&info); /* which sets it to NULL when it is gone (pcontext) */
    if (!thread->context) return false;
    thread->vhost = lws_get_vhost_by_name(thread->context, "tidewire");
    return thread->vhost != NULL;
}

static bool make_thread(struct net *net, struct net_thread *thread) {
    const struct net_outside *outside = &net->outside;
    if (uv_loop_init(&thread->loop)) return false;
    thread->opened = true;
    uv_async_init(&thread->loop, &thread->woken, on_woken);
    uv_timer_init(&thread->loop, &thread->turning);
    uv_check_init(&thread->loop, &thread->checking);
    uv_prepare_init(&thread->loop, &thread->preparing);
    uv_poll_init_socket(&thread->loop, &thread->listening, thread->listener);
    thread->listening.data = thread;
    thread->woken.data = thread->turning.data = thread->preparing.data = thread->checking.data = thread;
    uv_prepare_start(&thread->preparing, on_preparing);
    uv_check_start(&thread->checking, on_checking);
    uv_idle_init(&thread->loop, &thread->looking);
    uv_timer_start(&thread->turning, on_turning, NET_TURN_MS, NET_TURN_MS);
    wheel_start(&thread->wheel, clock_us());
    thread->talkers = calloc(net->connections_max, sizeof(struct connection *));
    if (!thread->talkers) return false;
    thread->broadcaster =
        broadcaster_create(outside->board, outside->sessions, outside->config, thread->number);
    return thread->broadcaster && make_context(thread);
}

/* All contexts stand before any thread runs: making one changes what the library shares between them. */
static bool make_threads(struct net *net) {
    for (uint32_t i = 0; i < net->thread_count; i++) {
        if (make_thread(net, &net->threads[i])) continue;
        log_write(
            LOG_ERROR, "net_failed",
            "thread=%u why=\"cannot make it: too little memory, or is libwebsockets-evlib-uv missing?\"", i);
        return false;
    }
    for (uint32_t i = 0; i < net->thread_count; i++)
        if (!net_listen_start(&net->threads[i])) return false;
    return true;
}

/* Signals are main's business. */
static bool run_threads(struct net *net) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool fine = true;
    for (uint32_t i = 0; i < net->thread_count && fine; i++) {
        struct net_thread *thread = &net->threads[i];
        thread->running = fine = pthread_create(&thread->thread, NULL, run, thread) == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!fine) log_write(LOG_ERROR, "net_failed", "why=\"cannot start a thread\"");
    return fine;
}

static void close_handle(uv_handle_t *handle, void *nothing) {
    (void)nothing;
    if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

static void settle(struct net_thread *thread) {
    for (int turns = 0; turns < 1000 && uv_run(&thread->loop, UV_RUN_NOWAIT); turns++) continue;
}

/* The library closes its sockets through the loop: so destroy, turn the loop until it is idle, destroy again
 * (its issue 1969). Only handles of ours may be closed by us, and all of them before that. */
static void unmake_thread(struct net_thread *thread) {
    if (!thread->opened) return;
    net_listen_stop(thread);
    while (thread->newcomers) net_proxy_drop(thread->newcomers);
    close_handle((uv_handle_t *)&thread->woken, NULL);
    close_handle((uv_handle_t *)&thread->turning, NULL);
    close_handle((uv_handle_t *)&thread->preparing, NULL);
    close_handle((uv_handle_t *)&thread->checking, NULL);
    close_handle((uv_handle_t *)&thread->looking, NULL);
    if (thread->context) lws_context_destroy(thread->context);
    settle(thread);
    if (thread->context) lws_context_destroy(thread->context);
    settle(thread);
    uv_loop_close(&thread->loop);
    free(thread->talkers);
    broadcaster_destroy(thread->broadcaster);
}

static void free_all(struct net *net) {
    for (uint32_t i = 0; i < net->thread_count; i++) unmake_thread(&net->threads[i]);
    for (uint32_t i = 0; i < net->thread_count; i++)
        if (net->threads[i].listener >= 0) close(net->threads[i].listener);
    net_pages_free(net);
    net_tls_finish(net);
    free(net->threads);
    admission_destroy(net->admission);
    pthread_mutex_destroy(&net->renewing);
    free(net);
}

/* ---- For main. */

static struct net *make_net(const struct net_outside *outside) {
    struct net *net = calloc(1, sizeof *net);
    if (!net) return NULL;
    net->outside = *outside;
    pthread_mutex_init(&net->renewing, NULL);
    net->started_us = clock_us();
    net->thread_count = outside->config->io_threads;
    net->connections_max = outside->config->connections_max;
    net->talkers_max = config_conversations(outside->config);
    net->threads = calloc(net->thread_count, sizeof *net->threads);
    if (!net->threads) {
        free(net);
        return NULL;
    }
    for (uint32_t i = 0; i < net->thread_count; i++)
        net->threads[i] = (struct net_thread){.net = net, .number = i, .listener = -1};
    return net;
}

struct net *net_start(const struct net_outside *outside) {
    struct net *net = make_net(outside);
    if (!net) return NULL;
    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
    /* The library asks for local time on every thread. Without TZ the C library would read the zone's file
     * anew each time. */
    setenv("TZ", ":/etc/localtime", 0);
    tzset();
    net_log_start();
    metrics_threads(net->thread_count);
    if (net_descriptors_raise(net) && net_admission_make(net) && net_listen(net) && net_tls_prepare(net) &&
        net_pages_load(net) && make_threads(net) && run_threads(net))
        return net;
    net_stop(net, 0);
    return NULL;
}

/* All that may concern those who rest. */
static uint32_t news_of(const struct net *net) {
    const struct net_outside *outside = &net->outside;
    return board_news_count(outside->board) + sessions_stirred(outside->sessions) +
           atomic_load(&net->renewals);
}

void net_wake(struct net *net) {
    uint32_t news = news_of(net);
    for (uint32_t i = 0; i < net->thread_count; i++) {
        struct net_thread *thread = &net->threads[i];
        if (news != net->news || atomic_load(&thread->follower_count)) uv_async_send(&thread->woken);
    }
    net->news = news;
}

static void wake_running(struct net *net) {
    for (uint32_t i = 0; i < net->thread_count; i++)
        if (net->threads[i].running) uv_async_send(&net->threads[i].woken);
}

void net_drain(struct net *net) {
    atomic_store(&net->draining, true);
    wake_running(net);
}

/* Who plays without WebSocket may be between two requests, and is told with the next one. */
static bool anyone_untold(const struct net *net, uint64_t waited_us) {
    return atomic_load(&net->talking) || (metrics_get(METRIC_links) && waited_us < LAST_REQUESTS_US);
}

/* As long as within `wait_ms` one more has been told, but not for ever: each of many could take almost that.
 */
static void tell_all(struct net *net, uint32_t wait_ms) {
    uint64_t from_us = clock_us(), told_us = from_us, now_us = from_us;
    unsigned untold = atomic_load(&net->talking);
    while (now_us - told_us < wait_ms * UINT64_C(1000) && now_us - from_us < LAST_WORDS_US &&
           anyone_untold(net, now_us - from_us)) {
        wake_running(net);
        usleep(10000);
        now_us = clock_us();
        unsigned left = atomic_load(&net->talking);
        if (left < untold) told_us = now_us;
        untold = left;
    }
}

void net_stop(struct net *net, uint32_t wait_ms) {
    if (!net) return;
    atomic_store(&net->draining, true);
    atomic_store(&net->stopping, true);
    tell_all(net, wait_ms);
    atomic_store(&net->ended, true);
    wake_running(net);
    for (uint32_t i = 0; i < net->thread_count; i++)
        if (net->threads[i].running) pthread_join(net->threads[i].thread, NULL);
    free_all(net);
}
