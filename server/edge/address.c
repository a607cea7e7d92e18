#include "server/edge/address.h"
#include <arpa/inet.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

struct address address_v4(const uint8_t bytes[4]) {
    struct address address;
    memcpy(address.bytes, mapped, sizeof mapped);
    memcpy(address.bytes + sizeof mapped, bytes, 4);
    return address;
}

bool address_is_v4(const struct address *address) {
    return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

bool address_is_loopback(const struct address *address) {
    static const struct address one = {{[15] = 1}};
    return address_is_v4(address) ? address->bytes[12] == 127 : address_equal(address, &one);
}

bool address_equal(const struct address *a, const struct address *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

bool address_parse(const char *text, size_t size, struct address *address) {
    char word[ADDRESS_TEXT];
    uint8_t v4[4];
    if (size >= sizeof word || memchr(text, 0, size)) return false;
    memcpy(word, text, size);
    word[size] = 0;
    if (inet_pton(AF_INET, word, v4) == 1) {
        *address = address_v4(v4);
        return true;
    }
    return inet_pton(AF_INET6, word, address->bytes) == 1;
}

void address_write(const struct address *address, char into[ADDRESS_TEXT]) {
    bool v4 = address_is_v4(address);
    inet_ntop(v4 ? AF_INET : AF_INET6, address->bytes + (v4 ? sizeof mapped : 0), into, ADDRESS_TEXT);
}

/* ---- Networks. */

static bool equal_bits(const struct address *a, const struct address *b, uint32_t bits) {
    uint32_t bytes = bits / 8, rest = bits % 8;
    if (memcmp(a->bytes, b->bytes, bytes) != 0) return false;
    return rest == 0 || (a->bytes[bytes] ^ b->bytes[bytes]) >> (8 - rest) == 0;
}

/* The number behind a slash: one to three digits, at most `most`. */
static bool parse_bits(const char *text, size_t size, uint32_t most, uint32_t *bits) {
    *bits = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *bits = *bits * 10 + (uint32_t)(text[i] - '0');
    }
    return size >= 1 && size <= 3 && *bits <= most;
}

static bool parse_network(const char *text, size_t size, struct network *network) {
    const char *slash = memchr(text, '/', size);
    size_t length = slash ? (size_t)(slash - text) : size;
    if (!address_parse(text, length, &network->first)) return false;
    bool v4 = address_is_v4(&network->first);
    uint32_t most = v4 ? 32 : 128, bits = most;
    if (slash && !parse_bits(slash + 1, size - length - 1, most, &bits)) return false;
    network->bits = (uint8_t)(bits + 128 - most);
    return true;
}

bool networks_parse(const char *text, struct networks *networks, const char **wrong) {
    *networks = (struct networks){0};
    for (*wrong = text + strspn(text, " "); **wrong; *wrong += strspn(*wrong, " ")) {
        size_t size = strcspn(*wrong, " ");
        if (networks->count == NETWORKS_MAX) return false;
        if (!parse_network(*wrong, size, &networks->list[networks->count++])) return false;
        *wrong += size;
    }
    return true;
}

bool networks_hold(const struct networks *networks, const struct address *address) {
    for (uint32_t i = 0; i < networks->count; i++)
        if (equal_bits(&networks->list[i].first, address, networks->list[i].bits)) return true;
    return false;
}
