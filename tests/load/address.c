#include "tests/load/address.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool starts(const char **at, const char *with) {
    size_t size = strlen(with);
    if (strncmp(*at, with, size) != 0) return false;
    *at += size;
    return true;
}

static bool copy(char *into, size_t size, const char *from, size_t length) {
    if (length == 0 || length >= size) return false;
    memcpy(into, from, length);
    into[length] = 0;
    return true;
}

/* 1 to 65535, in digits alone. */
static bool is_port(const char *text) {
    unsigned long number = strtoul(text, NULL, 10);
    return text[strspn(text, "0123456789")] == 0 && number >= 1 && number <= UINT16_MAX;
}

/* HOST or HOST:PORT or [HOST]:PORT. */
static bool read_host(struct address *address, const char *at, const char *end) {
    bool bracket = *at == '[';
    const char *close = bracket ? memchr(at, ']', (size_t)(end - at)) : NULL;
    if (bracket && !close) return false;
    const char *after = bracket ? close + 1 : at;
    const char *colon = memchr(after, ':', (size_t)(end - after));
    const char *host = bracket ? at + 1 : at, *host_end = bracket ? close : colon ? colon : end;
    if (!copy(address->host, sizeof address->host, host, (size_t)(host_end - host))) return false;
    if (!colon)
        return copy(address->port, sizeof address->port, address->secure ? "443" : "80",
                    address->secure ? 3 : 2);
    return copy(address->port, sizeof address->port, colon + 1, (size_t)(end - colon - 1)) &&
           is_port(address->port);
}

bool address_read(struct address *address, const char *url, char *why, size_t why_size) {
    const char *at = url;
    *address = (struct address){.path = "/play"};
    address->secure = starts(&at, "wss://");
    bool known = address->secure || starts(&at, "ws://");
    const char *end = at + strcspn(at, "/");
    bool well = known && end > at && read_host(address, at, end);
    if (well && *end) well = copy(address->path, sizeof address->path, end, strlen(end));
    if (strcmp(address->path, "/") == 0) snprintf(address->path, sizeof address->path, "/play");
    if (!well) snprintf(why, why_size, "'%s' is no address such as wss://localhost:8443/play", url);
    return well;
}

bool address_find(struct address *address, char *why, size_t why_size) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    int failed = getaddrinfo(address->host, address->port, &hints, &address->all);
    if (failed) snprintf(why, why_size, "%s:%s: %s", address->host, address->port, gai_strerror(failed));
    return !failed;
}

void address_free(struct address *address) {
    if (address->all) freeaddrinfo(address->all);
    address->all = NULL;
}
