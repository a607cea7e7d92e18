/* A bare absolute timer to hold the tick's lateness against: sleeps from deadline to deadline and does
 * nothing. pacer RATE: on SIGTERM prints one line of JSON, with the 99th percentile over the last 1,024
 * wake-ups, as the server's own is. */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

enum { WINDOW = 1024, SECOND_NS = 1000000000 };

static volatile sig_atomic_t ended;
static uint32_t late_us[WINDOW];

static void end(int number) {
    (void)number;
    ended = 1;
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    uint64_t rate = argc == 2 ? strtoull(argv[1], NULL, 10) : 0, count = 0;
    if (!rate) return 2;
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = end}, NULL);
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); /* as the server's */
    uint64_t start_ns = now_ns();
    while (!ended) {
        uint64_t due_ns = start_ns + (count + 1) * SECOND_NS / rate;
        struct timespec due = {(time_t)(due_ns / SECOND_NS), (long)(due_ns % SECOND_NS)};
        if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR) continue;
        late_us[count++ % WINDOW] = (uint32_t)((now_ns() - due_ns) / 1000);
    }
    uint64_t held = count < WINDOW ? count : WINDOW;
    qsort(late_us, held, sizeof *late_us, compare);
    printf("{\"p99_us\":%u,\"wakes\":%llu}\n", held ? late_us[held * 99 / 100] : 0,
           (unsigned long long)count);
    return 0;
}
