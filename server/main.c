/* The whole server as a table of contents: read the settings, open what lasts, start the edge, turn the tick
 * until a signal says enough, and leave in order. */
#include "server/clock.h"
#include "server/lobby.h"
#include "server/log.h"
#include "server/memory.h"
#include "server/metrics.h"
#include "server/edge/net.h"
#include "server/pace.h"
#include "server/ticks.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ARRIVALS_SPARE = 1024, /* in one tick's inbox, beside everybody's share */
    STOP_WAIT_MS = 3000,   /* for one more goodbye; then connections are cut */
    LOG_WAIT_MS = 1000     /* for whoever reads the log */
};

struct server {
    struct config config;
    struct inbox *inbox;
    struct store *store;
    struct sessions *sessions;
    struct board *board;
    struct lobby *lobby;
    struct net *net;
};

static volatile sig_atomic_t stop_asked, table_asked, renewal_asked;

static void ask_stop(int number) {
    (void)number;
    stop_asked = 1;
}

static void ask_table(int number) {
    (void)number;
    table_asked = 1;
}

static void ask_renewal(int number) {
    (void)number;
    renewal_asked = 1;
}

/* Signals reach the main thread alone; every other thread is started with them blocked. SIGHUP from a
 * terminal means that it was closed, and ends the server. */
static void take_signals(sigset_t *signals) {
    struct sigaction action = {.sa_handler = ask_stop};
    sigemptyset(signals);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGHUP);
    sigaddset(signals, SIGUSR1);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (!isatty(STDERR_FILENO)) action.sa_handler = ask_renewal;
    sigaction(SIGHUP, &action, NULL);
    action.sa_handler = ask_table;
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is refused as by a full disk */
    pthread_sigmask(SIG_BLOCK, signals, NULL);
}

static uint32_t default_threads(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 2 ? (uint32_t)cores - 1 : 1;
}

static bool make_state(const char *path) {
    if (mkdir(path, 0700) == 0 || errno == EEXIST) return true;
    log_write(LOG_ERROR, "state_failed", "path=%s why=\"%s\"", LOG_QUOTE(path), strerror(errno));
    return false;
}

/* The store answers sessions, and sessions ask the store: the one thing here that is tied both ways, by data.
 */
static void looked(void *context, const struct store_answer *answer) {
    struct server *server = context;
    sessions_looked(server->sessions, answer);
}

static bool open_rooms(struct server *server) {
    struct lobby_outside outside = {&server->config, server->inbox, server->sessions, server->board,
                                    server->store};
    server->lobby = lobby_create(&outside);
    return server->lobby != NULL;
}

static bool open_edge(struct server *server) {
    struct net_outside outside = {&server->config, server->sessions, server->board, server->store};
    server->net = net_start(&outside);
    return server->net != NULL;
}

static bool refuse_memory(void) {
    log_write(LOG_ERROR, "memory_failed", "why=\"not enough memory for so many sessions and rooms\"");
    return false;
}

static bool open_all(struct server *server) {
    const struct config *config = &server->config;
    char path[CONFIG_TEXT + 16];
    if (!make_state(config->state)) return false;
    snprintf(path, sizeof path, "%s/tidewire.db", config->state);
    server->inbox =
        inbox_create((config->sessions_max + (size_t)config->line_max) * INBOX_SHARE + ARRIVALS_SPARE);
    server->board = board_create(config->rooms_max, config->io_threads);
    if (!server->inbox || !server->board) return refuse_memory();
    server->store = store_open(path, looked, server);
    if (!server->store) return false;
    server->sessions = sessions_create(config, server->inbox, server->store);
    if (!server->sessions) return refuse_memory();
    return open_rooms(server) && open_edge(server);
}

static void turn(struct server *server, uint32_t tick) {
    ticks_begin();
    lobby_turn(server->lobby, tick);
    ticks_end();
    net_wake(server->net);
    if (tick % server->config.rate != 0) return;
    log_sweep(clock_us());
    sessions_sweep(server->sessions, clock_us());
    lobby_tidy(server->lobby, tick);
}

/* Whether a signal asked for it. Forgotten before it is done: one that comes meanwhile asks again. */
static bool taken(volatile sig_atomic_t *asked) {
    if (!*asked) return false;
    *asked = 0;
    return true;
}

/* With nobody there a few ticks are turned with one waking, unless somebody comes: a server without players
 * is to cost nothing, and their world is the same. Returns whether it rested. */
static bool rest(struct server *server, struct pace *pace) {
    uint64_t until_ns = lobby_deserted(server->lobby) ? pace_rest_until(pace) : 0;
    if (!until_ns) return false;
    inbox_await(server->inbox, until_ns);
    pace_rested(pace);
    return true;
}

static void run(struct server *server) {
    struct pace pace;
    uint64_t late_us;
    uint32_t slipped;
    pace_start(&pace, server->config.rate);
    for (uint32_t tick = 1; !stop_asked;) {
        if (taken(&table_asked)) lobby_tell_prediction(server->lobby);
        if (taken(&renewal_asked)) net_renew(server->net);
        if (rest(server, &pace)) continue; /* and look at the signals */
        if (!pace_wait(&pace, &late_us, &slipped)) continue;
        ticks_late(late_us, slipped);
        turn(server, tick++);
    }
}

/* Clients are told, then rooms close, then what lasts is written. */
static void close_all(struct server *server) {
    if (server->net) net_drain(server->net);
    if (server->sessions) sessions_end_all(server->sessions, CODE_SHUTDOWN);
    net_stop(server->net, STOP_WAIT_MS);
    lobby_destroy(server->lobby);
    store_close(server->store);
    sessions_destroy(server->sessions);
    board_destroy(server->board);
    inbox_destroy(server->inbox);
}

int main(int argc, char **argv) {
    static struct server server;
    sigset_t signals;
    int exit_code = 2;
    memory_prepare();
    server.config = config_default();
    if (!config_read(&server.config, argc, argv, &exit_code)) return exit_code;
    if (server.config.io_threads == 0) server.config.io_threads = default_threads();
    log_set_level(log_level_named(server.config.log));
    take_signals(&signals);
    log_start();
    bool well = open_all(&server);
    if (well) {
        log_write(LOG_INFO, "listening",
                  "url=http%s://localhost:%u/ game=%s rate=%u io_threads=%u version=%s",
                  server.config.plain ? "" : "s", server.config.port, server.config.game, server.config.rate,
                  server.config.io_threads, TIDEWIRE_VERSION);
        pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
        run(&server);
        log_write(LOG_INFO, "stopping", "people=%llu", (unsigned long long)metrics_get(METRIC_players));
    }
    close_all(&server);
    if (well) log_write(LOG_INFO, "stopped", "ticks=%llu", (unsigned long long)metrics_get(METRIC_ticks));
    log_sweep(UINT64_MAX);
    log_flush(LOG_WAIT_MS);
    return well ? 0 : 1;
}
