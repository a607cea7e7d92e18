/* Each address has an entry as long as it has sockets, or has brought some of late. Rates are kept as one
 * time each, the "theoretical arrival time" of the generic cell rate algorithm (ITU-T I.371): how far in the
 * future the bucket will be full again. */
#include "server/edge/admission.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    WINDOW = 32,        /* entries in which an address may lie: eight cache lines' worth of looking */
    ENTRIES_MIN = 1024, /* addresses that come and go while few sockets stand */
};

struct entry { /* of an address, or of a site; zeroed: free */
    uint64_t key;
    uint64_t refilled_us; /* when its bucket is full again */
    uint32_t sockets;
    uint32_t site; /* of an address with sockets: the place of its site; 0: that is not counted */
};

struct admission {
    struct admission_limits limits;
    uint64_t seed;
    atomic_uint sockets;
    atomic_bool swollen;  /* more memory in use than may be */
    pthread_mutex_t lock; /* guards all below */
    uint64_t refilled_us; /* of all addresses together */
    uint32_t count;       /* of entries: a power of two */
    struct entry *entries;
};

/* Twice as many entries as sockets can need, for an address and a site each: then hardly ever all of a window
 * are taken. */
static uint32_t entries_for(uint32_t sockets) {
    uint32_t count = ENTRIES_MIN;
    while (count < 4 * (uint64_t)sockets && count < 1u << 31) count *= 2;
    return count;
}

struct admission *admission_create(const struct admission_limits *limits, uint64_t seed) {
    struct admission *admission = calloc(1, sizeof *admission);
    if (!admission) return NULL;
    admission->limits = *limits;
    admission->seed = seed;
    admission->count = entries_for(limits->sockets);
    admission->entries = calloc(admission->count, sizeof *admission->entries);
    pthread_mutex_init(&admission->lock, NULL);
    if (admission->entries) return admission;
    admission_destroy(admission);
    return NULL;
}

void admission_destroy(struct admission *admission) {
    if (!admission) return;
    pthread_mutex_destroy(&admission->lock);
    free(admission->entries);
    free(admission);
}

/* ---- Sockets and memory. */

enum admission_verdict admission_enter(struct admission *admission) {
    if (atomic_load(&admission->swollen)) return ADMISSION_MEMORY;
    if (atomic_fetch_add(&admission->sockets, 1) < admission->limits.sockets) return ADMISSION_GRANTED;
    atomic_fetch_sub(&admission->sockets, 1);
    return ADMISSION_FULL;
}

void admission_leave(struct admission *admission) {
    atomic_fetch_sub(&admission->sockets, 1);
}

void admission_tell_memory(struct admission *admission, uint64_t used) {
    atomic_store(&admission->swollen, admission->limits.memory && used > admission->limits.memory);
}

/* ---- Addresses. */

/* IPv4 whole, IPv6 by its first 64 bits. The two can't meet: nothing in 0:ffff::/32 is ever given out. */
static uint64_t key_of(const struct address *address) {
    uint64_t key = 0;
    size_t from = address_is_v4(address) ? 8 : 0;
    for (size_t i = 0; i < 8; i++) key = key << 8 | address->bytes[from + i];
    return key;
}

/* The first 48 bits of IPv6; 0: IPv4 has no sites. Meets no address, since nobody sends from ff00::/8. */
static uint64_t site_key_of(const struct address *address) {
    return address_is_v4(address) ? 0 : UINT64_C(0xfffe) << 48 | key_of(address) >> 16;
}

static uint32_t home_of(const struct admission *admission, uint64_t key) {
    uint64_t mix = mix_step(admission->seed, (uint32_t)key);
    mix = mix_step(mix, (uint32_t)(key >> 32));
    return (uint32_t)mix & (admission->count - 1);
}

/* Nothing is known of its address that a new entry would not say as well. */
static bool is_free(const struct entry *entry, uint64_t now_us) {
    return entry->sockets == 0 && entry->refilled_us <= now_us;
}

/* The entry of this address, a free one made its own, or NULL: all of the window are others'. */
static struct entry *find(struct admission *admission, uint64_t key, uint64_t now_us) {
    uint32_t home = home_of(admission, key);
    struct entry *free_entry = NULL;
    for (uint32_t i = 0; i < WINDOW; i++) {
        struct entry *entry = &admission->entries[(home + i) & (admission->count - 1)];
        if (entry->key == key) return entry;
        if (!free_entry && is_free(entry, now_us)) free_entry = entry;
    }
    if (free_entry) *free_entry = (struct entry){.key = key};
    return free_entry;
}

/* Takes one from a bucket that holds `burst_s` seconds' worth. False: it is empty. Rate 0: no bound. */
static bool take(uint64_t *refilled_us, uint32_t rate, uint32_t burst_s, uint64_t now_us) {
    if (rate == 0) return true;
    uint64_t from_us = *refilled_us > now_us ? *refilled_us : now_us;
    uint64_t then_us = from_us + 1000000 / rate;
    if (then_us - now_us > burst_s * UINT64_C(1000000)) return false;
    *refilled_us = then_us;
    return true;
}

static struct entry *at(struct admission *admission, uint32_t place) {
    return place ? &admission->entries[place - 1] : NULL;
}

static uint32_t place_of(const struct admission *admission, const struct entry *entry) {
    return entry ? (uint32_t)(entry - admission->entries) + 1 : 0;
}

/* One more socket of this address and its site, which keep their entries as long as they have any. Returns
 * the address' place; 0: there was none. */
static uint32_t count(struct admission *admission, const struct address *address, uint64_t now_us) {
    struct entry *entry = find(admission, key_of(address), now_us);
    uint64_t site_key = site_key_of(address);
    if (!entry) return 0;
    if (entry->sockets++ == 0)
        entry->site = site_key ? place_of(admission, find(admission, site_key, now_us)) : 0;
    if (entry->site) at(admission, entry->site)->sockets++;
    return place_of(admission, entry);
}

static void count_back(struct admission *admission, uint32_t place) {
    if (place == 0) return;
    struct entry *entry = at(admission, place);
    CHECK(place <= admission->count && entry->sockets > 0);
    entry->sockets--;
    if (entry->site) at(admission, entry->site)->sockets--;
}

/* An address, or a site that stands for `worth` of them, with the socket that is asked for. */
static enum admission_verdict judge_one(const struct admission_limits *limits, struct entry *entry,
                                        uint32_t worth, bool fresh, uint64_t now_us) {
    if (!entry) return ADMISSION_GRANTED;
    if (limits->address_sockets && entry->sockets > worth * (uint64_t)limits->address_sockets)
        return ADMISSION_ADDRESS;
    bool may =
        !fresh || take(&entry->refilled_us, worth * limits->address_rate, ADMISSION_ADDRESS_BURST_S, now_us);
    return may ? ADMISSION_GRANTED : ADMISSION_ADDRESS_RATE;
}

/* The bound of all together comes last: who is kept out by its own takes nothing from the others. */
static enum admission_verdict judge(struct admission *admission, struct entry *entry, bool fresh,
                                    uint64_t now_us) {
    const struct admission_limits *limits = &admission->limits;
    struct entry *site = entry ? at(admission, entry->site) : NULL;
    enum admission_verdict verdict = judge_one(limits, entry, 1, fresh, now_us);
    if (verdict == ADMISSION_GRANTED) verdict = judge_one(limits, site, ADMISSION_SITE, fresh, now_us);
    if (verdict != ADMISSION_GRANTED || !fresh) return verdict;
    bool may = take(&admission->refilled_us, limits->rate, ADMISSION_BURST_S, now_us);
    return may ? ADMISSION_GRANTED : ADMISSION_RATE;
}

enum admission_verdict admission_ask(struct admission *admission, const struct address *address, bool fresh,
                                     uint64_t now_us, uint32_t *place) {
    pthread_mutex_lock(&admission->lock);
    *place = count(admission, address, now_us);
    enum admission_verdict verdict = judge(admission, at(admission, *place), fresh, now_us);
    if (verdict != ADMISSION_GRANTED) {
        count_back(admission, *place);
        *place = 0;
    }
    pthread_mutex_unlock(&admission->lock);
    return verdict;
}

void admission_release(struct admission *admission, uint32_t place) {
    pthread_mutex_lock(&admission->lock);
    count_back(admission, place);
    pthread_mutex_unlock(&admission->lock);
}

const char *admission_text(enum admission_verdict verdict) {
    static const char *const words[] = {
        [ADMISSION_GRANTED] = "granted",
        [ADMISSION_FULL] = "too many connections",
        [ADMISSION_MEMORY] = "too much memory in use",
        [ADMISSION_RATE] = "too many new connections",
        [ADMISSION_ADDRESS] = "too many connections from this address",
        [ADMISSION_ADDRESS_RATE] = "too many new connections from this address",
    };
    return words[verdict];
}
