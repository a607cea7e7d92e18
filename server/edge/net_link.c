/* Requests of links, players without WebSocket (docs/protocol.md, "Without WebSocket"): who may ask, what is
 * asked, posts and their bodies. What the server says on a request that it holds is in net_down.c. */
#include "server/clock.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/edge/net_internal.h"
#include <stdlib.h>

enum { BODY_S = 10 /* how long a post's body may take: longer than a bad line takes for 4 KiB */ };

static struct sessions *sessions_of(const struct connection *connection) {
    return connection->thread->net->outside.sessions;
}

/* ---- Answers. */

unsigned net_link_status(enum code code) {
    switch (code) {
    case CODE_SHUTDOWN:
    case CODE_ROOM_FULL:
    case CODE_SERVER_FULL:
        return 503;
    case CODE_FLOOD:
        return 429;
    case CODE_REPLACED:
        return 409;
    case CODE_BROKEN:
        return 500;
    case CODE_KICKED:
        return 403;
    default:
        return 400;
    }
}

/* What every answer of a link carries: nobody keeps it or changes it, and who may read it. */
void net_link_headers(const struct exchange *exchange, const char *more, char *into, size_t size) {
    bool other = exchange->origin[0] != 0;
    snprintf(into, size, "Cache-Control: no-store, no-transform\r\n%s%s%s%s",
             other ? "Access-Control-Allow-Origin: " : "", exchange->origin,
             other ? "\r\nAccess-Control-Expose-Headers: Location, ETag\r\nVary: Origin\r\n" : "",
             more ? more : "");
}

/* What was held reads on; the conversation has no part in this connection any more. */
static void release(struct connection *connection) {
    if (connection->talking) lws_rx_flow_control(connection->wsi, 1);
    net_ws_gone(connection);
}

int net_link_answer(struct connection *connection, const struct net_reply *answer) {
    char headers[NET_ORIGIN + 512];
    struct net_reply reply = *answer;
    net_link_headers(connection->exchange, answer->headers, headers, sizeof headers);
    reply.headers = headers;
    reply.type = answer->size ? "application/octet-stream" : NULL;
    release(connection);
    return net_reply(connection, &reply);
}

int net_link_answer_empty(struct connection *connection, unsigned status, const char *more) {
    struct net_reply answer = {.status = status, .headers = more};
    return net_link_answer(connection, &answer);
}

int net_link_answer_bye(struct connection *connection, unsigned status, enum code code) {
    uint8_t bye[256];
    char again[NET_RETRY_AFTER];
    struct net_reply answer = {.status = status,
                               .headers = status == 503 ? net_retry_after(again) : NULL,
                               .body = bye,
                               .size = broadcaster_bye(code, bye, sizeof bye)};
    return net_link_answer(connection, &answer);
}

static int refuse(struct connection *connection, unsigned status, const char *headers, const char *why) {
    char text[64];
    log_limited(LOG_INFO, "request_refused", "status=%u why=\"%s\" from=%s", status, why,
                net_peer(connection));
    snprintf(text, sizeof text, "Refused: %s.\n", why);
    return net_reply_text(connection, status, headers, text);
}

/* How a request fares whose link is not there for it. */
static int answer_standing(struct connection *connection, enum link_standing standing, enum code code) {
    switch (standing) {
    case LINK_UNKNOWN:
        return net_link_answer_empty(connection, 404, NULL);
    case LINK_AHEAD:
        return net_link_answer_empty(connection, 409, NULL);
    case LINK_STANDS:
        return net_link_answer_bye(connection, net_link_status(code), code);
    default:
        net_tell_end(connection, code);
        return net_link_answer_bye(connection, standing == LINK_TAKEN ? 409 : 410, code);
    }
}

/* ---- Posts. */

static int begin(struct connection *connection) {
    struct exchange *exchange = connection->exchange;
    connection->attachment =
        (struct attachment){.by_post = true, .counted = connection->place != 0, .over = OVER_HTTP};
    enum code code = session_receive(sessions_of(connection), &connection->attachment, exchange->body,
                                     exchange->body_size, clock_us(), net_peer(connection));
    if (code == CODE_NONE) return net_down_open(connection);
    net_tell_end(connection, code);
    return net_link_answer_bye(connection, net_link_status(code), code);
}

static int take_post(struct connection *connection) {
    struct exchange *exchange = connection->exchange;
    struct link_post post = {exchange->number, exchange->body, exchange->body_size};
    enum code code;
    enum link_standing standing =
        link_take_post(sessions_of(connection), &exchange->name, &post, clock_us(), &code);
    if (standing == LINK_STANDS && (code == CODE_NONE || code == CODE_LEFT))
        return net_link_answer_empty(connection, 204, NULL);
    return answer_standing(connection, standing, code);
}

int net_link_body(struct connection *connection, const uint8_t *bytes, size_t size) {
    struct exchange *exchange = connection->exchange;
    if (connection->state != CONNECTION_BODY || size > exchange->body_due - exchange->body_size) return -1;
    if (size) memcpy(exchange->body + exchange->body_size, bytes, size);
    exchange->body_size += size;
    return 0;
}

/* The library says so again when more comes while the answer is still due. */
int net_link_body_end(struct connection *connection) {
    if (connection->state != CONNECTION_BODY) return 0;
    if (connection->exchange->body_size != connection->exchange->body_due) return -1;
    return connection->exchange->way == LINK_BEGIN ? begin(connection) : take_post(connection);
}

/* ---- What is asked. */

static bool read_number(struct connection *connection, const char *name, uint32_t *number) {
    char text[32];
    const char *found = lws_get_urlarg_by_name(connection->wsi, name, text, sizeof text);
    return found && words_number(found, number);
}

/* What a browser's event stream remembers goes over what the page asked for once. */
static struct link_holds read_holds(struct connection *connection) {
    static const char name[] = "last-event-id:";
    struct link_holds holds = {0};
    char text[32];
    int size = lws_hdr_custom_copy(connection->wsi, text, sizeof text, name, sizeof name - 1);
    holds.said = size > 0 && words_event_id(text, &holds.tick, &holds.event);
    if (!holds.said)
        holds.said =
            read_number(connection, "tick=", &holds.tick) && read_number(connection, "event=", &holds.event);
    return holds;
}

static int open_downlink(struct connection *connection) {
    static const uint8_t over[] = {[LINK_STREAM] = OVER_STREAM,
                                   [LINK_SSE] = OVER_SSE,
                                   [LINK_POLL] = OVER_POLL,
                                   [LINK_STATE] = OVER_PULL};
    struct exchange *exchange = connection->exchange;
    bool pulls = exchange->way == LINK_STATE;
    char known[64] = "";
    enum code code;
    if (pulls) net_header(connection, WSI_TOKEN_HTTP_IF_NONE_MATCH, known, sizeof known);
    connection->attachment =
        (struct attachment){.over = over[exchange->way], .quiet = exchange->way == LINK_POLL};
    enum link_standing standing =
        link_open(sessions_of(connection), &exchange->name, pulls ? NULL : &exchange->holds, clock_us(),
                  &connection->attachment, &code);
    if (standing != LINK_STANDS || code != CODE_NONE) return answer_standing(connection, standing, code);
    return pulls ? net_down_state(connection, known) : net_down_open(connection);
}

/* ---- Who may ask. */

/* The exchange of this request with room for a body. The Origin is kept for its answer if it was sent: pages
 * of our own need no permission, and others get theirs by name. */
static bool make_exchange(struct connection *connection, enum link_way way, const struct link_name *name,
                          size_t body) {
    struct exchange *exchange = calloc(1, sizeof *exchange + body);
    if (!exchange) return false;
    exchange->way = way;
    exchange->name = *name;
    exchange->body_due = body;
    net_header(connection, WSI_TOKEN_ORIGIN, exchange->origin, sizeof exchange->origin);
    free(connection->exchange);
    connection->exchange = exchange;
    return true;
}

/* The body's length as it is stated; −1: it is not stated, or not in a way that all would read alike. */
static int64_t read_length(struct connection *connection) {
    char text[32];
    uint32_t length;
    if (lws_hdr_total_length(connection->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING)) return -1;
    if (!net_header(connection, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof text)) return -1;
    return words_number(text, &length) ? (int64_t)length : -1;
}

static int begin_post(struct connection *connection, enum link_way way, const struct link_name *name) {
    int64_t length = read_length(connection);
    if (length < 0) return refuse(connection, 411, NULL, "no length of the body");
    if (length > LINK_POST_BYTES) return refuse(connection, 413, NULL, "body too long");
    if (!make_exchange(connection, way, name, (size_t)length)) return -1;
    struct exchange *exchange = connection->exchange;
    bool numbered = read_number(connection, "n=", &exchange->number) && exchange->number > 0;
    if (way == LINK_POST && !numbered) return refuse(connection, 400, NULL, "no number of the post");
    connection->state = CONNECTION_BODY;
    net_due_in(connection, clock_us(), BODY_S);
    return 0;
}

static int begin_get(struct connection *connection, enum link_way way, const struct link_name *name) {
    if (!make_exchange(connection, way, name, 0)) return -1;
    connection->exchange->holds = read_holds(connection);
    return open_downlink(connection);
}

static int answer_options(struct connection *connection) {
    struct link_name nobody = {0};
    if (!make_exchange(connection, LINK_NOTHING, &nobody, 0)) return -1;
    return net_link_answer_empty(
        connection, 204,
        "Access-Control-Allow-Methods: GET, POST\r\n"
        "Access-Control-Allow-Headers: Content-Type, If-None-Match, Last-Event-ID\r\n"
        "Access-Control-Max-Age: 86400\r\n");
}

int net_link(struct connection *connection, const char *path, int method) {
    struct link_name name = {0};
    char host[256];
    enum link_way way = words_path(path, &name);
    bool post = way == LINK_BEGIN || way == LINK_POST;
    net_header(connection, WSI_TOKEN_HOST, host, sizeof host);
    if (way == LINK_NOTHING) return net_reply_text(connection, 404, NULL, "Not found.\n");
    if (!net_origin_allowed(connection, host)) {
        metrics_add(METRIC_refused_origin, 1);
        return refuse(connection, 403, NULL, "origin");
    }
    if (method == LWSHUMETH_OPTIONS) return answer_options(connection);
    if (method != (post ? LWSHUMETH_POST : LWSHUMETH_GET))
        return refuse(connection, 405, post ? "Allow: POST, OPTIONS\r\n" : "Allow: GET, OPTIONS\r\n",
                      "method");
    if (way == LINK_BEGIN && atomic_load(&connection->thread->net->draining)) {
        metrics_add(METRIC_refused_full, 1);
        return refuse(connection, 503, net_retry_after((char[NET_RETRY_AFTER]){0}), "shutting down");
    }
    if (way == LINK_BEGIN && !connection->listed && ++connection->hellos > NET_HELLOS)
        return refuse(connection, 429, NULL, "too many links");
    return post ? begin_post(connection, way, &name) : begin_get(connection, way, &name);
}
