#include "server/memory.h"
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    LARGE = 32 * 1024, /* bytes: what OpenSSL takes for a record and gives back after it is less */
    GROUP_BYTES = 1024 /* of a control group's path with its end; of a longer one the beginning counts */
};

void memory_prepare(void) {
    mallopt(M_MMAP_THRESHOLD, LARGE);
}

/* The few bytes more push what the allocator writes behind a piece out of its last page. */
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

/* This process's control group of version 2, as a path; empty: it is in none. */
static void find_group(const char *groups, char group[GROUP_BYTES]) {
    char line[GROUP_BYTES];
    FILE *file = fopen(groups, "re");
    group[0] = 0;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "0::", 3) == 0)
            snprintf(group, GROUP_BYTES, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
    if (file) fclose(file);
}

/* The group itself, then each around it. A container may see none but its own, as the outermost. */
uint64_t memory_group_limit(const char *groups, const char *folder) {
    char group[GROUP_BYTES], path[2 * GROUP_BYTES];
    uint64_t least = 0;
    find_group(groups, group);
    for (char *end = group + strlen(group); end; end = strrchr(group, '/')) {
        *end = 0;
        snprintf(path, sizeof path, "%s%s/memory.max", folder, group);
        uint64_t limit = read_number(path, 0); /* 0: not there, or the word `max` */
        if (limit && (!least || limit < least)) least = limit;
    }
    return least;
}

uint64_t memory_there_is(void) {
    uint64_t machine = pages(_SC_PHYS_PAGES);
    uint64_t group = memory_group_limit("/proc/self/cgroup", "/sys/fs/cgroup");
    return group && group < machine ? group : machine;
}

uint64_t memory_resident(void) {
    return read_number("/proc/self/statm", 1) * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t memory_in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
