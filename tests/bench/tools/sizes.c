/* What one connected player takes of our own structs, in bytes, as one line of JSON. */
#include "server/edge/net_internal.h"
#include "server/session/session.h"
#include <stdio.h>

int main(void) {
    printf("{\"connection\":%zu,\"attachment\":%zu,\"session\":%zu}\n", sizeof(struct connection),
           sizeof(struct attachment), sizeof(struct session));
    return 0;
}
