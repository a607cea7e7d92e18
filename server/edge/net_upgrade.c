/* Who may open a WebSocket: everything that the library itself lets pass is looked at here, before it
 * answers, so that each refusal gets its HTTP status (docs/protocol.md), a counter and a limited log line. */
#include "server/log.h"
#include "server/metrics.h"
#include "server/edge/net_internal.h"
#include <strings.h>

enum { PROTOCOLS_MAX = 120, PROTOCOL_MAX = 60 }; /* bytes that the library takes of the offered list */

struct refusal {
    unsigned status;
    enum metric metric;
    const char *headers, *why;
};

/* ---- Parts of headers. */

/* Whether the comma-separated list holds the word; case matters only for subprotocols. */
static bool lists(const char *list, const char *word, int (*compare)(const char *, const char *, size_t)) {
    size_t size = strlen(word);
    for (const char *at = list; *at;) {
        at += strspn(at, " \t,");
        size_t length = strcspn(at, ",");
        size_t next = length;
        while (length && (at[length - 1] == ' ' || at[length - 1] == '\t')) length--;
        if (length == size && compare(at, word, size) == 0) return true;
        at += next;
    }
    return false;
}

/* The library drops the connection without an answer over a list that it can't read: so only lists that it
 * can. */
static bool readable_list(const char *list) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (const char *at = list; *at;) {
        at += strspn(at, " ,");
        size_t length = strcspn(at, " ,");
        if (length >= PROTOCOL_MAX || (length && !strchr(letters, at[0]))) return false;
        if (strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") < length)
            return false;
        at += length;
    }
    return true;
}

/* 16 bytes in base64: 22 characters and two signs of padding. */
static bool key_valid(const char *key) {
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return strlen(key) == 24 && strspn(key, base64) == 22 && strcmp(key + 22, "==") == 0;
}

/* ---- Origins. */

/* Without the port if it is the scheme's own. */
static size_t bare_length(const char *host, bool secure) {
    size_t size = strlen(host), port = secure ? 4 : 3;
    bool usual = size > port && strcmp(host + size - port, secure ? ":443" : ":80") == 0;
    return usual ? size - port : size;
}

static bool same_origin(const char *origin, const char *host) {
    bool secure = strncasecmp(origin, "https://", 8) == 0;
    if (!secure && strncasecmp(origin, "http://", 7) != 0) return false;
    origin += secure ? 8 : 7;
    size_t size = bare_length(origin, secure);
    return size == bare_length(host, secure) && strncasecmp(origin, host, size) == 0;
}

static bool listed_origin(const char *origins, const char *origin) {
    size_t size = strlen(origin);
    for (const char *at = origins; *at;) {
        at += strspn(at, " ");
        size_t length = strcspn(at, " ");
        if (length == 1 && *at == '*') return true;
        if (length == size && length && strncasecmp(at, origin, size) == 0) return true;
        at += length;
    }
    return false;
}

/* Who sends no Origin is no browser, and could send any. */
bool net_origin_allowed(struct connection *connection, const char *host) {
    char origin[256];
    if (!lws_hdr_total_length(connection->wsi, WSI_TOKEN_ORIGIN)) return true;
    if (!net_header(connection, WSI_TOKEN_ORIGIN, origin, sizeof origin)) return false;
    return same_origin(origin, host) ||
           listed_origin(connection->thread->net->outside.config->origins, origin);
}

/* ---- The whole of it. */

static bool asks_websocket(struct connection *connection, const char *host) {
    char text[256];
    return host[0] && net_header(connection, WSI_TOKEN_HTTP, text, sizeof text) &&
           strcmp(text, "HTTP/1.1") == 0 && net_header(connection, WSI_TOKEN_UPGRADE, text, sizeof text) &&
           strcasecmp(text, "websocket") == 0 &&
           net_header(connection, WSI_TOKEN_CONNECTION, text, sizeof text) &&
           lists(text, "upgrade", strncasecmp);
}

static bool asks_protocol(struct connection *connection, bool *echo) {
    char offered[PROTOCOLS_MAX];
    *echo = false;
    if (!net_header(connection, WSI_TOKEN_PROTOCOL, offered, sizeof offered) || !readable_list(offered))
        return false;
#ifdef TIDEWIRE_ECHO
    *echo = lists(offered, "echo", strncmp);
#endif
    return *echo || lists(offered, "tidewire.1", strncmp);
}

static bool path_is(struct connection *connection, const char *path) {
    char asked[64];
    return net_header(connection, WSI_TOKEN_GET_URI, asked, sizeof asked) && strcmp(asked, path) == 0;
}

/* NULL: it may. */
static const struct refusal *look(struct connection *connection) {
    static const struct refusal method = {405, METRIC_refused_protocol, "Allow: GET\r\n", "method"},
                                malformed = {400, METRIC_refused_protocol, NULL,
                                             "no proper WebSocket upgrade"},
                                path = {404, METRIC_refused_protocol, NULL, "path"},
                                version = {426, METRIC_refused_protocol,
                                           "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n", "version"},
                                key = {400, METRIC_refused_protocol, NULL, "key"},
                                protocol = {400, METRIC_refused_protocol, NULL, "subprotocol"},
                                origin = {403, METRIC_refused_origin, NULL, "origin"},
                                closing = {503, METRIC_refused_full, NULL, "shutting down"},
                                full = {503, METRIC_refused_full, NULL, "server full"};
    struct net *net = connection->thread->net;
    char host[256], text[64];
    bool echo;
    net_header(connection, WSI_TOKEN_HOST, host, sizeof host);
    if (!lws_hdr_total_length(connection->wsi, WSI_TOKEN_GET_URI)) return &method;
    if (!asks_websocket(connection, host)) return &malformed;
    bool known = asks_protocol(connection, &echo);
    if (!echo && !path_is(connection, "/play")) return &path;
    if (!net_header(connection, WSI_TOKEN_VERSION, text, sizeof text) || strcmp(text, "13") != 0)
        return &version;
    if (!net_header(connection, WSI_TOKEN_KEY, text, sizeof text) || !key_valid(text)) return &key;
    if (!known) return &protocol;
    if (!net_origin_allowed(connection, host)) return &origin;
    if (atomic_load(&net->draining)) return &closing;
    if (atomic_load(&net->talking) >= net->talkers_max) return &full;
    return NULL;
}

int net_upgrade(struct connection *connection) {
    /* The library has answered another kind of upgrade already, and still asks. */
    if (!lws_hdr_total_length(connection->wsi, WSI_TOKEN_UPGRADE)) return -1;
    const struct refusal *refusal = look(connection);
    if (!refusal) return 0;
    char text[64], again[NET_RETRY_AFTER];
    metrics_add(refusal->metric, 1);
    log_limited(LOG_INFO, "upgrade_refused", "status=%u why=\"%s\" from=%s", refusal->status, refusal->why,
                net_peer(connection));
    snprintf(text, sizeof text, "Refused: %s.\n", refusal->why);
    struct net_reply reply = {.status = refusal->status,
                              .type = "text/plain; charset=utf-8",
                              .headers = refusal->status == 503 ? net_retry_after(again) : refusal->headers,
                              .body = text,
                              .size = strlen(text),
                              .close = true};
    return net_reply(connection, &reply);
}
