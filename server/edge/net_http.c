/* HTTP beside the game: writes answers, and answers the API, the metrics and the health check. Pages are in
 * net_page.c, upgrades to WebSocket in net_upgrade.c. Answers carry their length, so connections live on. */
#include "server/clock.h"
#include "server/log.h"
#include "protocol/message.h"
#include "protocol/piece.h"
#include "server/metrics.h"
#include "server/session/session_comeback.h"
#include "server/edge/net_internal.h"
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

bool net_header(struct connection *connection, enum lws_token_indexes which, char *into, size_t size) {
    into[0] = 0;
    return lws_hdr_copy(connection->wsi, into, (int)size, which) > 0;
}

static const char *status_text(unsigned status) {
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 204:
        return "No Content";
    case 302:
        return "Found";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 426:
        return "Upgrade Required";
    case 429:
        return "Too Many Requests";
    case 500:
        return "Internal Server Error";
    default:
        return "Service Unavailable";
    }
}

/* ---- Writing answers. */

/* The library's own timer is taken back: it would stand in a list that anybody's request goes through. */
static int finish(struct connection *connection) {
    connection->state = CONNECTION_HTTP;
    net_due_in(connection, clock_us(), connection->thread->net->outside.config->request_s);
    if (lws_http_transaction_completed(connection->wsi)) return -1;
    lws_set_timeout(connection->wsi, NO_PENDING_TIMEOUT, 0);
    return 0;
}

/* Fills what is left of the buffer behind `filled` bytes with the body, and writes it. */
static int write_piece(struct connection *connection, size_t filled) {
    size_t room = NET_BUFFER - filled;
    size_t size = connection->body_left < room ? connection->body_left : room;
    if (size) {
        memcpy(connection->thread->buffer + LWS_PRE + filled, connection->body, size);
        connection->body += size;
        connection->body_left -= (uint32_t)size;
    }
    connection->heard_us = clock_us();
    if (filled + size && !net_write(connection, filled + size, LWS_WRITE_HTTP)) return -1;
    if (!connection->body_left && !lws_partial_buffered(connection->wsi)) return finish(connection);
    connection->state = CONNECTION_SERVING;
    lws_set_timeout(connection->wsi, NO_PENDING_TIMEOUT, 0); /* the library's; ours asks who takes it */
    net_due_in(connection, connection->heard_us, 1);
    lws_callback_on_writable(connection->wsi);
    return 0;
}

/* How long the body is: 204 has none and says nothing of it. */
static const char *length_line(const struct net_reply *reply, char into[48]) {
    if (reply->status == 204 || reply->endless) return "";
    uint8_t head[PIECE_HEAD];
    snprintf(into, 48, "Content-Length: %zu\r\n",
             reply->size + (reply->piece ? piece_head(head, reply->size) : 0));
    return into;
}

/* All that goes before the body. */
static size_t put_head(struct connection *connection, const struct net_reply *reply) {
    char *into = (char *)connection->thread->buffer + LWS_PRE, length[48];
    int size = snprintf(into, NET_BUFFER,
                        "HTTP/1.1 %u %s\r\n"
                        "%s%s%s%s%s%s"
                        "X-Content-Type-Options: nosniff\r\n"
                        "Referrer-Policy: no-referrer\r\n\r\n",
                        reply->status, status_text(reply->status), length_line(reply, length),
                        reply->type ? "Content-Type: " : "", reply->type ? reply->type : "",
                        reply->type ? "\r\n" : "", reply->headers ? reply->headers : "",
                        reply->close || reply->endless ? "Connection: close\r\n" : "");
    CHECK(size > 0 && size < NET_BUFFER / 2);
    return (size_t)size + (reply->piece ? piece_head((uint8_t *)into + size, reply->size) : 0);
}

bool net_reply_begin(struct connection *connection, const struct net_reply *reply) {
    size_t head = put_head(connection, reply);
    memcpy(connection->thread->buffer + LWS_PRE + head, reply->body, reply->size);
    return net_write(connection, head + reply->size, LWS_WRITE_HTTP);
}

static bool asks_head(struct connection *connection) {
    return lws_hdr_total_length(connection->wsi, WSI_TOKEN_HEAD_URI) > 0;
}

int net_reply(struct connection *connection, const struct net_reply *reply) {
    size_t head = put_head(connection, reply);
    connection->body = reply->body ? reply->body : (const void *)"";
    connection->body_left = reply->head || asks_head(connection) ? 0 : (uint32_t)reply->size;
    int done = write_piece(connection, head);
    return reply->close ? -1 : done;
}

const char *net_retry_after(char into[NET_RETRY_AFTER]) {
    snprintf(into, NET_RETRY_AFTER, "Retry-After: %u\r\n", comeback_retry_s());
    return into;
}

int net_reply_text(struct connection *connection, unsigned status, const char *headers, const char *text) {
    struct net_reply reply = {.status = status,
                              .type = "text/plain; charset=utf-8",
                              .headers = headers,
                              .body = text,
                              .size = strlen(text),
                              .close = status >= 400};
    return net_reply(connection, &reply);
}

/* Whether the peer took some of what the kernel has for it, since this was asked last: then its line is only
 * slow. */
static bool takes(struct connection *connection) {
    int queued = 0;
    ioctl(lws_get_socket_fd(connection->wsi), SIOCOUTQ, &queued);
    bool moved = connection->queued != (uint32_t)queued;
    connection->queued = (uint32_t)queued;
    return moved;
}

/* A reader that half-closes or sends on while it doesn't read would make the library's loop spin; one that
 * reads nothing would keep a connection for ever. */
void net_http_due(struct connection *connection, uint64_t now_us) {
    struct pollfd poll_in = {.fd = lws_get_socket_fd(connection->wsi), .events = POLLIN};
    if (takes(connection)) connection->heard_us = now_us;
    bool stalled = now_us - connection->heard_us >= NET_STALL_S * UINT64_C(1000000);
    if (connection->state == CONNECTION_HTTP || stalled || poll(&poll_in, 1, 0) > 0)
        net_kill(connection);
    else
        net_due_in(connection, now_us, 1);
}

/* ---- The API. */

static const char no_store[] = "Cache-Control: no-store\r\n";

static int reply_json(struct connection *connection, unsigned status, const char *text) {
    struct net_reply reply = {.status = status,
                              .type = "application/json",
                              .headers = no_store,
                              .body = text,
                              .size = strlen(text)};
    return net_reply(connection, &reply);
}

static int reply_top(struct connection *connection) {
    const struct net_outside *outside = &connection->thread->net->outside;
    char asked[NET_HEADERS]; /* longer than a query can be: what has no room counts as not asked */
    char top[4096] = "[]", text[4096 + 64];
    const char *game = lws_get_urlarg_by_name(connection->wsi, "game=", asked, sizeof asked);
    if (!game) game = outside->config->game;
    if (!message_label_valid(game)) return reply_json(connection, 400, "{\"error\": \"no such game\"}");
    if (outside->store) store_top(outside->store, game, top, sizeof top);
    snprintf(text, sizeof text, "{\"game\": \"%.*s\", \"top\": %s}", LIMIT_LABEL, game, top);
    return reply_json(connection, 200, text);
}

static int reply_status(struct connection *connection) {
    char text[256];
    snprintf(text, sizeof text,
             "{\"version\": \"%s\", \"players\": %llu, \"rooms\": %llu, \"uptime_s\": %llu}",
             TIDEWIRE_VERSION, (unsigned long long)metrics_get(METRIC_players),
             (unsigned long long)metrics_get(METRIC_rooms),
             (unsigned long long)((clock_us() - connection->thread->net->started_us) / 1000000));
    return reply_json(connection, 200, text);
}

/* Local means: from this machine, and not through a proxy on this machine. */
static bool may_read_metrics(struct connection *connection) {
    const char *who = connection->thread->net->outside.config->metrics;
    if (strcmp(who, "local") != 0) return strcmp(who, "all") == 0;
    if (lws_hdr_total_length(connection->wsi, WSI_TOKEN_X_FORWARDED_FOR)) return false;
    return connection->local;
}

static int reply_metrics(struct connection *connection) {
    char text[16 * 1024];
    if (!may_read_metrics(connection)) return net_reply_text(connection, 403, no_store, "Not from here.\n");
    struct net_reply reply = {.status = 200,
                              .type = "text/plain; version=0.0.4; charset=utf-8",
                              .headers = no_store,
                              .body = text,
                              .size = metrics_text(text, sizeof text)};
    return net_reply(connection, &reply);
}

static int reply_health(struct connection *connection) {
    bool draining = atomic_load(&connection->thread->net->draining);
    const char *text = draining ? "draining\n" : "ok\n";
    struct net_reply reply = {.status = draining ? 503 : 200,
                              .type = "text/plain; charset=utf-8",
                              .headers = no_store,
                              .body = text,
                              .size = strlen(text)};
    return net_reply(connection, &reply);
}

/* ---- One request. */

static int answer_path(struct connection *connection, const char *path) {
    if (strcmp(path, "/api/top") == 0) return reply_top(connection);
    if (strcmp(path, "/api/status") == 0) return reply_status(connection);
    if (strcmp(path, "/metrics") == 0) return reply_metrics(connection);
    if (strcmp(path, "/healthz") == 0) return reply_health(connection);
    if (strcmp(path, "/play") == 0)
        return net_reply_text(connection, 426, "Upgrade: websocket\r\n",
                              "This is where players connect, by WebSocket.\n");
    return net_page(connection, path);
}

/* Only posts have a body, and one of a wrong length must not be taken for the next request. */
static bool has_body(struct connection *connection) {
    char length[32];
    if (lws_hdr_total_length(connection->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING)) return true;
    if (!lws_hdr_total_length(connection->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH)) return false;
    return !net_header(connection, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, sizeof length) ||
           strcmp(length, "0") != 0;
}

/* Of a link that was begun. */
static bool is_below_play(const char *path) {
    return strncmp(path, "/play/", 6) == 0;
}

static int answer(struct connection *connection, const char *in, size_t size) {
    char path[512], *uri;
    int uri_size, method = lws_http_get_uri_and_method(connection->wsi, &uri, &uri_size);
    bool post = method == LWSHUMETH_POST || method == LWSHUMETH_OPTIONS;
    snprintf(path, sizeof path, "%.*s", (int)size, in);
    if (method != LWSHUMETH_POST && has_body(connection))
        return net_reply_text(connection, 400, NULL, "No body, please.\n");
    if (is_below_play(path) || (post && strcmp(path, "/play") == 0))
        return net_link(connection, path, method);
    if (method != LWSHUMETH_GET && method != LWSHUMETH_HEAD)
        return net_reply_text(connection, 405, "Allow: GET, HEAD\r\n", "Only GET and HEAD.\n");
    if (size >= sizeof path) return net_reply_text(connection, 404, NULL, "Not found.\n");
    return answer_path(connection, path);
}

/* ---- The library's callback: for HTTP, and for what concerns every socket. */

static void on_made(struct lws *wsi) {
    struct net_thread *thread = lws_context_user(lws_get_context(wsi));
    if (!thread || !thread->adopting || thread->adopted) return;
    thread->adopted = true;
    thread->adopting->wsi = wsi;
}

/* Whom a proxy brings, and who has too many connections already. */
static int refuse_forwarded(struct connection *connection) {
    return net_reply_text(connection, 503, net_retry_after((char[NET_RETRY_AFTER]){0}),
                          "Too many connections from your address.\n");
}

/* A request that came together with the one before it, and was kept by the library meanwhile: of such a post
 * it takes the head for the body, and turns round that for ever. Nobody needs them: browsers and proxies send
 * the next request when they have the answer. None is handed on while sockets are asked: the loop leaves out
 * one that was answered until its next turn, even where it asks twice. */
static bool came_early(const struct connection *connection) {
    return !connection->thread->reading;
}

static int refuse_early(struct connection *connection) {
    metrics_add(METRIC_refused_protocol, 1);
    log_limited(LOG_INFO, "request_refused", "status=400 why=\"came before the last was answered\" from=%s",
                net_peer(connection));
    return net_reply_text(connection, 400, NULL, "One request after the other, please.\n");
}

/* Its memory lives until the library lets go of the socket, a turn of the loop later. */
static void on_closed(struct connection *connection) {
    net_ws_gone(connection);
    connection->state = CONNECTION_GONE;
}

static int on_writable(struct connection *connection) {
    if (connection->state == CONNECTION_SERVING) return write_piece(connection, 0);
    if (connection->state == CONNECTION_HELD) return net_down_writable(connection);
    return connection->state == CONNECTION_ENDED ? -1 : 0;
}

static int on_http_event(struct connection *connection, enum lws_callback_reasons reason, void *in,
                         size_t size) {
    if (connection->state == CONNECTION_GONE) return -1;
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        if (came_early(connection)) return refuse_early(connection);
        return net_forwarded(connection, true) ? net_upgrade(connection) : refuse_forwarded(connection);
    case LWS_CALLBACK_HTTP:
        if (came_early(connection)) return refuse_early(connection);
        return net_forwarded(connection, !is_below_play(in)) ? answer(connection, in, size)
                                                             : refuse_forwarded(connection);
    case LWS_CALLBACK_HTTP_BODY:
        return net_link_body(connection, in, size);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return net_link_body_end(connection);
    default:
        return on_writable(connection);
    }
}

int net_http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size) {
    switch ((int)reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        return net_tls_context(lws_context_user(lws_get_context(wsi)), user);
    case LWS_CALLBACK_WSI_CREATE:
        on_made(wsi);
        return 0;
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        lws_set_wsi_user(wsi, lws_get_opaque_user_data(wsi));
        return 0;
    case LWS_CALLBACK_RAW_ADOPT: /* what the library makes of CONNECT */
        return -1;
    case LWS_CALLBACK_WSI_DESTROY:
        if (lws_get_opaque_user_data(wsi)) net_connection_free(lws_get_opaque_user_data(wsi));
        return 0;
    case LWS_CALLBACK_CLOSED_HTTP:
        if (user) on_closed(user);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_HTTP_BODY:
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_http_event(user, reason, in, size);
    default:
        return 0;
    }
}
