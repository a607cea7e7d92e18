/* Where the server is: a URL taken apart, and the addresses behind its name. */
#pragma once
#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>

struct address {
    char host[128], port[8], path[128];
    bool secure;
    struct addrinfo *all; /* to be tried in order */
};

/* Reads ws://HOST[:PORT][/PATH] or wss://…; a missing path is /play. False with words in `why`. */
bool address_read(struct address *address, const char *url, char *why, size_t why_size);
/* Asks for the addresses of the name; may take its time. False with words in `why`. */
bool address_find(struct address *address, char *why, size_t why_size);
void address_free(struct address *address);
