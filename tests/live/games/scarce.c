/* Preloaded into a server (LD_PRELOAD): from SIGURG on memory is short for one thing alone, the sets of a
 * session in the game `faulty`, which are allocated for its first frame. Everything else gets what it asks.
 */
#include <signal.h>
#include <stddef.h>

/* Bytes, at least, and less than twice as many: of two sets of faulty's 64 × 211 rows. */
enum { SETS_BYTES = 2 * 211 * 8 };

extern void *__libc_realloc(void *old, size_t size);

static volatile sig_atomic_t scarce;

static void make_scarce(int number) {
    (void)number;
    scarce = 1;
}

__attribute__((constructor)) static void prepare(void) {
    signal(SIGURG, make_scarce);
}

void *realloc(void *old, size_t size) {
    return scarce && size >= SETS_BYTES && size < 2 * SETS_BYTES ? NULL : __libc_realloc(old, size);
}
