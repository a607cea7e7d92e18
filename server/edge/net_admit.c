/* Who is let in: asks admission for each socket, and again when a listed proxy names the client behind it;
 * tells whom it refuses. Numbers and judgement are admission's, reading what proxies say is proxy's. */
#include "server/clock.h"
#include "server/keep/token.h"
#include "server/log.h"
#include "server/memory.h"
#include "server/metrics.h"
#include "server/edge/net_internal.h"
#include "server/edge/proxy.h"

enum { MEMORY_TURNS = 1000 / NET_TURN_MS /* memory is looked at once a second */ };

/* ---- Limits. */

static uint64_t memory_limit(const struct config *config) {
    return config->memory_mb ? (uint64_t)config->memory_mb << 20 : memory_there_is() / 4 * 3;
}

bool net_admission_make(struct net *net) {
    const struct config *config = net->outside.config;
    const char *wrong;
    net->memory_limit = memory_limit(config);
    struct admission_limits limits = {.sockets = net->connections_max,
                                      .address_sockets = config->address_connections,
                                      .address_rate = config->address_rate,
                                      .rate = config->connection_rate,
                                      .memory = net->memory_limit};
    net->admission = admission_create(&limits, token_random());
    if (!net->admission) log_write(LOG_ERROR, "net_failed", "why=\"no memory for so many connections\"");
    return networks_parse(config->proxies, &net->proxies, &wrong) && net->admission;
}

/* What was freed counts only as long as nothing else is to be had: else one crowd would close the door for
 * ever. */
void net_admission_turn(struct net *net) {
    if (++net->memory_turns % MEMORY_TURNS != 0) return;
    uint64_t used = memory_resident();
    if (used > net->memory_limit) {
        uint64_t in_use = memory_in_use();
        if (in_use < used) used = in_use;
    }
    admission_tell_memory(net->admission, used);
}

/* ---- Verdicts. */

void net_tell_refused(enum admission_verdict verdict, const char *address) {
    static const enum metric metrics[] = {
        [ADMISSION_GRANTED] = METRIC_connections_refused, [ADMISSION_FULL] = METRIC_connections_refused,
        [ADMISSION_MEMORY] = METRIC_refused_memory,       [ADMISSION_RATE] = METRIC_refused_rate,
        [ADMISSION_ADDRESS] = METRIC_refused_address,     [ADMISSION_ADDRESS_RATE] = METRIC_refused_address};
    bool ours = verdict == ADMISSION_FULL || verdict == ADMISSION_MEMORY;
    metrics_add(metrics[verdict], 1);
    log_limited(ours ? LOG_WARN : LOG_INFO, "connection_refused", "from=%s why=\"%s\"", address,
                admission_text(verdict));
}

/* Our own machine, and proxies: many people are behind them, or the operator. */
static bool is_exempt(const struct net *net, const struct address *client) {
    return address_is_loopback(client) || networks_hold(&net->proxies, client);
}

bool net_admit(struct connection *connection, const struct address *client, bool fresh) {
    struct net *net = connection->thread->net;
    char text[ADDRESS_TEXT];
    uint32_t place = 0;
    address_write(client, text);
    bool exempt = is_exempt(net, client);
    if (!exempt) {
        enum admission_verdict verdict =
            admission_ask(net->admission, client, fresh && !connection->named, clock_us(), &place);
        if (verdict != ADMISSION_GRANTED) {
            net_tell_refused(verdict, text);
            return false;
        }
    }
    admission_release(net->admission, connection->place);
    connection->place = place;
    connection->named = !exempt;
    connection->peer = *client;
    return true;
}

/* Whom the request of a listed proxy comes from: the client that it names, or else the proxy itself. */
static struct address sender(struct connection *connection) {
    char value[NET_HEADERS];
    struct address client;
    bool named = net_header(connection, WSI_TOKEN_X_FORWARDED_FOR, value, sizeof value) &&
                 proxy_forwarded(value, &connection->thread->net->proxies, &client);
    return named ? client : net_socket_peer(lws_get_socket_fd(connection->wsi));
}

/* One connection of a proxy may bring requests of many clients in turn: each counts while it is served, but
 * is no new connection. */
bool net_forwarded(struct connection *connection, bool fresh) {
    if (!connection->listed || connection->thread->net->outside.config->proxy_protocol) return true;
    struct address client = sender(connection);
    return address_equal(&client, &connection->peer) || net_admit(connection, &client, fresh);
}
