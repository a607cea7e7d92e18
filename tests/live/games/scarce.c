/* Preloaded into a server (LD_PRELOAD): from SIGURG on memory is short for one thing alone, the sets of a
 * session in the game `faulty`, which are allocated for its first frame. Everything else gets what it asks.
 */
#include <signal.h>
#include <stddef.h>

enum { SET_WORDS = 211 }; /* at least, for faulty's 64 × 211 rows */

extern void *__libc_calloc(size_t count, size_t size);

static volatile sig_atomic_t scarce;

static void make_scarce(int number) {
    (void)number;
    scarce = 1;
}

__attribute__((constructor)) static void prepare(void) {
    signal(SIGURG, make_scarce);
}

void *calloc(size_t count, size_t size) {
    return scarce && count >= SET_WORDS && size == 8 ? NULL : __libc_calloc(count, size);
}
