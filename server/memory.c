#include "server/memory.h"
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

/* Bytes. What OpenSSL takes for a record and gives back after it is less. */
enum { LARGE = 32 * 1024 };

void memory_prepare(void) {
    mallopt(M_MMAP_THRESHOLD, LARGE);
}

/* A few bytes more than whole pages: what the allocator writes behind them lies in the next page then. */
void *memory_seldom(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (size + page - 1) / page * page;
    return memalign(page, whole + sizeof(size_t));
}

/* One number of a file, the first (0) or the second (1); 0: it is not there. */
static uint64_t read_number(const char *path, int which) {
    unsigned long long numbers[2] = {0};
    FILE *file = fopen(path, "re");
    if (!file) return 0;
    int count = fscanf(file, "%llu %llu", &numbers[0], &numbers[1]);
    fclose(file);
    return count > which ? numbers[which] : 0;
}

static uint64_t pages(int name) {
    long count = sysconf(name), size = sysconf(_SC_PAGESIZE);
    return count > 0 && size > 0 ? (uint64_t)count * (uint64_t)size : 0;
}

uint64_t memory_there_is(void) {
    uint64_t machine = pages(_SC_PHYS_PAGES);
    uint64_t group = read_number("/sys/fs/cgroup/memory.max", 0); /* or the word `max` */
    return group && group < machine ? group : machine;
}

uint64_t memory_resident(void) {
    return read_number("/proc/self/statm", 1) * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t memory_in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
