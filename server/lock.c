#include "server/lock.h"
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whoever had to wait leaves the lock marked, since others may wait behind: at worst it wakes nobody. */
void lock_await(struct lock *lock) {
    while (atomic_exchange(&lock->state, LOCK_AWAITED) != LOCK_FREE)
        syscall(SYS_futex, &lock->state, FUTEX_WAIT_PRIVATE, LOCK_AWAITED, NULL, NULL, 0);
}

void lock_pass_on(struct lock *lock) {
    syscall(SYS_futex, &lock->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
