/* Internet addresses: their text, and lists of networks. IPv4 is kept as IPv6 keeps it (::ffff:a.b.c.d), so
 * there is one kind. No sockets here. */
#pragma once
#include "protocol/base.h"

enum { ADDRESS_TEXT = 48, NETWORKS_MAX = 64 /* a large provider's proxies have some 20 */ };

struct address {
    uint8_t bytes[16];
};

/* IPv4 or IPv6 as text of `size` bytes, without brackets or port. False: it is none. */
bool address_parse(const char *text, size_t size, struct address *address);
struct address address_v4(const uint8_t bytes[4]);
bool address_is_v4(const struct address *address);
/* Of this machine itself: 127.0.0.0/8 or ::1. */
bool address_is_loopback(const struct address *address);
bool address_equal(const struct address *a, const struct address *b);
void address_write(const struct address *address, char into[ADDRESS_TEXT]);

struct networks { /* zeroed: none */
    struct network {
        struct address first;
        uint8_t bits;
    } list[NETWORKS_MAX];
    uint32_t count;
};
/* Reads `10.0.0.0/8 ::1 2001:db8::/32`, separated by spaces; without a slash it is one address. False: a word
 * is no network, or there are too many; `*wrong` is then where it begins. */
bool networks_parse(const char *text, struct networks *networks, const char **wrong);
bool networks_hold(const struct networks *networks, const struct address *address);
