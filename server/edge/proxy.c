#include "server/edge/proxy.h"

enum {
    V1_MAX = 107,      /* bytes of a line with its end, by the specification */
    V1_WORDS = 6,      /* PROXY TCP4 from to port port */
    V2_FIXED = 16,     /* signature, command, family, length */
    V2_LOCAL = 0x20,   /* version 2, the proxy's own connection */
    V2_PROXY = 0x21,   /* version 2, for somebody */
    V2_TCP4 = 0x11,    /* addresses of 4 bytes … */
    V2_TCP6 = 0x21,    /* … and of 16 */
    V2_TCP4_SIZE = 12, /* two addresses and two ports */
    V2_TCP6_SIZE = 36
};

/* ---- Version 1: a line of words. */

struct words {
    const char *at[V1_WORDS];
    size_t size[V1_WORDS], count;
};

/* Words have exactly one space between them. False: too many, or an empty one. */
static bool split(const char *line, size_t size, struct words *words) {
    *words = (struct words){0};
    for (const char *end = line + size; line <= end;) {
        const char *space = memchr(line, ' ', (size_t)(end - line));
        size_t length = (size_t)((space ? space : end) - line);
        if (length == 0 || words->count == V1_WORDS) return false;
        words->at[words->count] = line;
        words->size[words->count++] = length;
        line += length + 1;
    }
    return true;
}

static bool word_is(const struct words *words, size_t which, const char *text) {
    return words->count > which && words->size[which] == strlen(text) &&
           memcmp(words->at[which], text, words->size[which]) == 0;
}

static bool is_port(const char *text, size_t size) {
    uint32_t port = 0;
    if (size > 5 || (size > 1 && text[0] == '0')) return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    return port <= 65535;
}

static bool read_client(const struct words *words, struct proxy_header *header) {
    struct address to;
    bool v4 = word_is(words, 1, "TCP4");
    if (words->count != V1_WORDS || (!v4 && !word_is(words, 1, "TCP6"))) return false;
    if (!address_parse(words->at[2], words->size[2], &header->client)) return false;
    if (!address_parse(words->at[3], words->size[3], &to)) return false;
    if (v4 != !memchr(words->at[2], ':', words->size[2])) return false;
    header->told = true;
    return is_port(words->at[4], words->size[4]) && is_port(words->at[5], words->size[5]);
}

static enum proxy_reading read_v1(const uint8_t *bytes, size_t size, struct proxy_header *header) {
    static const char start[] = "PROXY UNKNOWN";
    struct words words;
    const uint8_t *end = memchr(bytes, '\n', size < V1_MAX ? size : V1_MAX);
    if (!end) return size < V1_MAX ? PROXY_MORE : PROXY_WRONG;
    size_t length = (size_t)(end - bytes);
    if (length == 0 || end[-1] != '\r') return PROXY_WRONG;
    header->size = length + 1;
    /* What follows UNKNOWN is to be passed over, whatever it is. */
    if (length >= sizeof start && memcmp(bytes, start, sizeof start - 1) == 0 &&
        (bytes[sizeof start - 1] == ' ' || bytes[sizeof start - 1] == '\r'))
        return PROXY_WHOLE;
    bool well = split((const char *)bytes, length - 1, &words) && read_client(&words, header);
    return well ? PROXY_WHOLE : PROXY_WRONG;
}

/* ---- Version 2: binary. */

static enum proxy_reading read_addresses(const uint8_t *bytes, size_t length, struct proxy_header *header) {
    header->own = bytes[12] == V2_LOCAL;
    if (header->own) return PROXY_WHOLE;
    if (bytes[12] != V2_PROXY) return PROXY_WRONG;
    header->told = bytes[13] == V2_TCP4 || bytes[13] == V2_TCP6;
    if (!header->told) return PROXY_WHOLE; /* another family: nothing that we could use */
    if (length < (bytes[13] == V2_TCP4 ? V2_TCP4_SIZE : V2_TCP6_SIZE)) return PROXY_WRONG;
    if (bytes[13] == V2_TCP4)
        header->client = address_v4(bytes + V2_FIXED);
    else
        memcpy(header->client.bytes, bytes + V2_FIXED, sizeof header->client.bytes);
    return PROXY_WHOLE;
}

static enum proxy_reading read_v2(const uint8_t *bytes, size_t size, struct proxy_header *header) {
    if (size < V2_FIXED) return PROXY_MORE;
    size_t length = (size_t)(bytes[14] << 8 | bytes[15]);
    header->size = V2_FIXED + length;
    if (header->size > PROXY_HEADER_MAX) return PROXY_WRONG;
    if (size < header->size) return PROXY_MORE;
    return read_addresses(bytes, length, header);
}

/* Whether the bytes are the beginning of `start`, or begin with it. */
static bool agrees(const uint8_t *bytes, size_t size, const void *start, size_t start_size) {
    return memcmp(bytes, start, size < start_size ? size : start_size) == 0;
}

enum proxy_reading proxy_read(const uint8_t *bytes, size_t size, struct proxy_header *header) {
    static const char v1[] = "PROXY ", v2[] = "\r\n\r\n\0\r\nQUIT\n";
    *header = (struct proxy_header){0};
    if (size == 0) return PROXY_MORE;
    if (agrees(bytes, size, v1, sizeof v1 - 1)) return read_v1(bytes, size, header);
    if (agrees(bytes, size, v2, sizeof v2 - 1)) return read_v2(bytes, size, header);
    return PROXY_WRONG;
}

/* ---- X-Forwarded-For. */

/* One element: an address, with its port if it has one; IPv6 with a port, or just so, in brackets. */
static bool read_element(const char *text, size_t size, struct address *address) {
    if (size && text[0] == '[') {
        const char *end = memchr(text, ']', size);
        return end && address_parse(text + 1, (size_t)(end - text) - 1, address);
    }
    if (address_parse(text, size, address)) return true;
    const char *colon = memchr(text, ':', size);
    return colon && address_parse(text, (size_t)(colon - text), address) && address_is_v4(address);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool proxy_forwarded(const char *value, const struct networks *proxies, struct address *client) {
    for (const char *end = value + strlen(value);;) {
        const char *from = end;
        while (from > value && from[-1] != ',') from--;
        const char *first = from, *last = end;
        while (first < last && is_blank(*first)) first++;
        while (last > first && is_blank(last[-1])) last--;
        if (!read_element(first, (size_t)(last - first), client)) return false;
        if (!networks_hold(proxies, client)) return true;
        if (from == value) return false;
        end = from - 1;
    }
}
