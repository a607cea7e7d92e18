/* Volleys: small frames are made for some players, one after another, and then leave, one after another, one
 * write each. Making and writing in turn would have each push the other's code out of the processor's nearest
 * cache; and who receives is woken less often if frames come closely one behind another. */
#include "server/edge/net_internal.h"

enum {
    CACHE_LINE = 64,
    WSI_BYTES = 14 * CACHE_LINE, /* of the library's struct of a socket: about all of it */
    FRAMING_LINES = 4            /* of its struct of a WebSocket, around what it keeps of a closing frame */
};

void net_fetch(const void *from, size_t bytes) {
    for (size_t at = 0; at < bytes; at += CACHE_LINE) __builtin_prefetch((const char *)from + at, 1);
}

void net_fetch_socket(const struct connection *connection) {
    net_fetch(connection->wsi, WSI_BYTES);
}

void net_fetch_framing(const struct connection *connection) {
    if (connection->websocket) /* the library has no framing of others */
        net_fetch(lws_get_close_payload(connection->wsi) - CACHE_LINE, FRAMING_LINES * CACHE_LINE);
}

bool net_volley(struct connection *connection, const uint8_t *bytes, size_t size) {
    struct net_thread *thread = connection->thread;
    if (size > NET_SMALL) return false;
    if (thread->volley_count == NET_VOLLEY) net_volley_fire(thread);
    struct small_frame *frame = &thread->volley[thread->volley_count++];
    frame->connection = connection;
    frame->size = size;
    memcpy(frame->bytes + LWS_PRE, bytes, size);
    return true;
}

void net_volley_fire(struct net_thread *thread) {
    uint32_t count = thread->volley_count;
    for (uint32_t i = 0; i < count; i++) {
        struct small_frame *frame = &thread->volley[i];
        if (i + 2 < count) net_fetch_socket(frame[2].connection);
        if (i + 1 < count) net_fetch_framing(frame[1].connection);
        net_write_from(frame->connection, frame->bytes, frame->size, LWS_WRITE_BINARY);
    }
    thread->volley_count = 0;
}
