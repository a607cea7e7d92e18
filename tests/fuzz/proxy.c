/* What may come before TLS, and in X-Forwarded-For: a header ends where it says, each piece of a whole one
 * asks for more, and nothing behind it is looked at. */
#include "server/edge/proxy.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* In memory of just this size, so that a sanitizer sees a byte too far. */
static enum proxy_reading read_alone(const uint8_t *bytes, size_t size, struct proxy_header *header) {
    uint8_t *alone = malloc(size + !size);
    CHECK(alone);
    memcpy(alone, bytes, size);
    enum proxy_reading reading = proxy_read(alone, size, header);
    free(alone);
    return reading;
}

static void read_header(const uint8_t *bytes, size_t size) {
    struct proxy_header header, piece;
    if (read_alone(bytes, size < PROXY_HEADER_MAX ? size : PROXY_HEADER_MAX, &header) != PROXY_WHOLE) return;
    CHECK(header.size <= size && header.size <= PROXY_HEADER_MAX);
    for (size_t i = 0; i < header.size; i++) CHECK(read_alone(bytes, i, &piece) == PROXY_MORE);
    CHECK(read_alone(bytes, header.size, &piece) == PROXY_WHOLE && piece.size == header.size);
    CHECK(piece.told == header.told && address_equal(&piece.client, &header.client));
}

static void read_forwarded(const uint8_t *bytes, size_t size) {
    static const char list[] = "10.0.0.0/8 fd00::/8";
    struct networks proxies;
    struct address client;
    const char *wrong;
    char *text = malloc(size + 1);
    CHECK(text && networks_parse(list, &proxies, &wrong));
    memcpy(text, bytes, size);
    text[size] = 0;
    if (proxy_forwarded(text, &proxies, &client)) CHECK(!networks_hold(&proxies, &client));
    networks_parse(text, &proxies, &wrong);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    read_header(bytes, size);
    read_forwarded(bytes, size);
    return 0;
}
