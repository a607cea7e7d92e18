/* Asks the system about memory, in bytes, and how to hand it out. Not for the tick: each call costs some
 * system calls. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Before anything is allocated. What is large is taken fresh from the system, whatever was freed before: so
 * of what is made for the most that may come (rows, seats) only what is used takes memory. */
void memory_prepare(void);
/* Memory for what is seldom needed, not cleared; NULL without. Its pages are its own, so that those which
 * nobody ever wrote to take none. For free. */
void *memory_seldom(size_t size);
/* How much there is for this process: the machine's, or less if its control group or one around it has a
 * limit. 0: unknown. */
uint64_t memory_there_is(void);
/* A part of that: the smallest limit of the control group that `groups` (as /proc/self/cgroup) names, and
 * of those around it, all below `folder` (as /sys/fs/cgroup); 0: there is none. */
uint64_t memory_group_limit(const char *groups, const char *folder);
/* How much memory this process holds. 0: unknown. */
uint64_t memory_resident(void);
/* How much of that is in use: what was freed, but not yet given back to the system, is not. Looks through the
 * allocator's lists: not to be called often. */
uint64_t memory_in_use(void);

/* Arrays that live and die together lie in one piece: the same calls measure it first (`at` NULL), and then
 * hand out its parts. */
struct memory_parts {
    uint8_t *at; /* aligned as malloc does it */
    size_t size; /* of the parts so far */
};
static inline void *memory_part(struct memory_parts *parts, size_t count, size_t size) {
    void *part = parts->at ? parts->at + parts->size : NULL;
    parts->size += (count * size + 7) & ~(size_t)7;
    return part;
}
