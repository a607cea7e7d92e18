/* Addresses and their networks by examples; admission by a model: sockets of a few hundred addresses come and
 * go, and never are more let in than the limits say, nor fewer. */
#include "server/edge/admission.h"
#include "tests/check.h"
#include "tests/dice.h"

enum {
    SECOND = 1000000,
    ADDRESSES = 300,
    SITE_ADDRESSES = 64,
    STEPS = 60000,
    ADDRESS_SOCKETS = 5,
    ADDRESS_RATE = 10,
    RATE = 400
};

static struct address at(const char *text) {
    struct address address = {0};
    EXPECT(address_parse(text, strlen(text), &address));
    return address;
}

static bool is_address(const char *text) {
    struct address address;
    return address_parse(text, strlen(text), &address);
}

/* ---- Addresses. */

static void text_there_and_back(void) {
    static const char *const same[] = {"192.0.2.7", "127.0.0.1", "::1", "2001:db8::7", "::"};
    char text[ADDRESS_TEXT];
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        struct address address = at(same[i]);
        address_write(&address, text);
        EXPECT(strcmp(text, same[i]) == 0);
    }
    struct address mapped = at("::ffff:192.0.2.7"), v4 = at("192.0.2.7");
    EXPECT(address_equal(&mapped, &v4) && address_is_v4(&mapped));
}

static void what_is_no_address(void) {
    static const char *const wrong[] = {"",          "1.2.3", "1.2.3.4.5", "1.2.3.256",
                                        "localhost", "[::1]", "::1%lo",    "1.2.3.4:80",
                                        " 1.2.3.4",  ":::1",  "12345::",   "0x7f.1"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) EXPECT(!is_address(wrong[i]));
    struct address address;
    EXPECT(!address_parse("1.2.3.4\0", 8, &address));
}

static void loopback(void) {
    static const char *const local[] = {"127.0.0.1", "127.255.1.2", "::1", "::ffff:127.0.0.1"};
    static const char *const far[] = {"128.0.0.1", "::2", "::", "2001:db8::1", "7f00::1"};
    for (size_t i = 0; i < COUNT_OF(local); i++) {
        struct address address = at(local[i]);
        EXPECT(address_is_loopback(&address));
    }
    for (size_t i = 0; i < COUNT_OF(far); i++) {
        struct address address = at(far[i]);
        EXPECT(!address_is_loopback(&address));
    }
}

static bool listed(const char *list, const char *address) {
    struct networks networks;
    const char *wrong;
    EXPECT(networks_parse(list, &networks, &wrong));
    struct address asked = at(address);
    return networks_hold(&networks, &asked);
}

static void networks(void) {
    EXPECT(listed("10.0.0.0/8", "10.255.1.1") && !listed("10.0.0.0/8", "11.0.0.0"));
    EXPECT(listed(" 10.1.2.3   ::1 ", "::1") && listed("10.1.2.3 ::1", "10.1.2.3"));
    EXPECT(listed("172.16.0.0/12", "172.31.255.255") && !listed("172.16.0.0/12", "172.32.0.0"));
    EXPECT(listed("2001:db8::/33", "2001:db8:7fff::") && !listed("2001:db8::/33", "2001:db8:8000::"));
    EXPECT(listed("0.0.0.0/0", "203.0.113.1") && !listed("0.0.0.0/0", "2001:db8::1"));
    EXPECT(listed("::/0", "203.0.113.1") && !listed("", "10.0.0.1"));
    static const char *const wrong[] = {"10.0.0.0/33", "x",           "10.0.0.0/",    "10.0.0.0/-1",
                                        "::/129",      "10.0.0.0/8x", "10.0.0.0/0008"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct networks into;
        const char *where;
        char list[64];
        snprintf(list, sizeof list, "::1 %s", wrong[i]);
        EXPECT(!networks_parse(list, &into, &where) && where == list + 4);
    }
}

/* ---- Admission. */

static struct admission *make(struct admission_limits limits) {
    struct admission *made = admission_create(&limits, 42);
    CHECK(made);
    return made;
}

static void sockets_in_all(void) {
    struct admission *admission = make((struct admission_limits){.sockets = 3});
    for (int i = 0; i < 3; i++) EXPECT_EQ(admission_enter(admission), ADMISSION_GRANTED);
    EXPECT_EQ(admission_enter(admission), ADMISSION_FULL);
    admission_leave(admission);
    EXPECT_EQ(admission_enter(admission), ADMISSION_GRANTED);
    EXPECT_EQ(admission_enter(admission), ADMISSION_FULL);
    admission_destroy(admission);
}

static void memory(void) {
    struct admission *admission = make((struct admission_limits){.sockets = 3, .memory = 1000});
    admission_tell_memory(admission, 1001);
    EXPECT_EQ(admission_enter(admission), ADMISSION_MEMORY);
    admission_tell_memory(admission, 1000);
    EXPECT_EQ(admission_enter(admission), ADMISSION_GRANTED);
    admission_destroy(admission);
    admission = make((struct admission_limits){.sockets = 3});
    admission_tell_memory(admission, UINT64_MAX);
    EXPECT_EQ(admission_enter(admission), ADMISSION_GRANTED);
    admission_destroy(admission);
}

/* How many of `tries` are let in at this moment. */
static uint32_t let_in(struct admission *admission, const char *text, uint32_t tries, uint64_t now_us) {
    struct address address = at(text);
    uint32_t granted = 0, place;
    for (uint32_t i = 0; i < tries; i++)
        granted += admission_ask(admission, &address, true, now_us, &place) == ADMISSION_GRANTED;
    return granted;
}

static void addresses_by_64_bits(void) {
    struct admission *admission = make((struct admission_limits){.sockets = 100, .address_sockets = 2});
    EXPECT_EQ(let_in(admission, "2001:db8:0:1::1", 1, 0), 1);
    EXPECT_EQ(let_in(admission, "2001:db8:0:1:ffff::2", 5, 0), 1);
    EXPECT_EQ(let_in(admission, "2001:db8:0:2::1", 5, 0), 2);
    EXPECT_EQ(let_in(admission, "192.0.2.1", 5, 0), 2);
    EXPECT_EQ(let_in(admission, "192.0.2.2", 5, 0), 2);
    admission_destroy(admission);
}

/* How many are let in of `count` addresses of this site, of `tries` each. */
static uint32_t let_in_all(struct admission *admission, const char *site, uint32_t count, uint32_t tries,
                           uint64_t now_us) {
    uint32_t granted = 0;
    for (uint32_t i = 0; i < count; i++) {
        char text[ADDRESS_TEXT];
        snprintf(text, sizeof text, "%s:%x::1", site, i);
        granted += let_in(admission, text, tries, now_us);
    }
    return granted;
}

static void sites_by_48_bits(void) {
    struct admission *admission = make((struct admission_limits){.sockets = 100, .address_sockets = 2});
    EXPECT_EQ(let_in_all(admission, "2001:db8:0", 20, 5, 0), 2 * ADMISSION_SITE);
    EXPECT_EQ(let_in_all(admission, "2001:db8:1", 3, 5, 0), 6);
    struct address last = at("2001:db8:1::1"), next = at("2001:db8:0:19::1");
    uint32_t place;
    EXPECT_EQ(admission_ask(admission, &last, false, 0, &place), ADMISSION_ADDRESS);
    EXPECT_EQ(place, 0);
    EXPECT_EQ(admission_ask(admission, &next, false, 0, &place), ADMISSION_ADDRESS);
    admission_destroy(admission);
    admission = make((struct admission_limits){.sockets = 100, .address_rate = 10});
    uint32_t burst = 10 * ADMISSION_ADDRESS_BURST_S;
    EXPECT_EQ(let_in_all(admission, "2001:db8:0", 20, 100, SECOND), burst * ADMISSION_SITE);
    EXPECT_EQ(let_in_all(admission, "2001:db8:1", 2, 100, SECOND), burst * 2);
    admission_destroy(admission);
}

static void rates(void) {
    struct admission *admission =
        make((struct admission_limits){.sockets = 100, .address_rate = 10, .rate = 100});
    uint64_t now_us = 7 * SECOND;
    EXPECT_EQ(let_in(admission, "192.0.2.1", 200, now_us), 10 * ADMISSION_ADDRESS_BURST_S);
    EXPECT_EQ(let_in(admission, "192.0.2.1", 200, now_us + SECOND / 2), 5);
    EXPECT_EQ(let_in(admission, "192.0.2.2", 200, now_us + SECOND / 2), 80);
    /* All together may still bring 85. */
    EXPECT_EQ(let_in(admission, "192.0.2.3", 200, now_us + SECOND / 2), 80);
    EXPECT_EQ(let_in(admission, "192.0.2.4", 200, now_us + SECOND / 2), 5);
    EXPECT_EQ(let_in(admission, "192.0.2.5", 200, now_us + SECOND), 50);
    admission_destroy(admission);
}

/* Sockets that were others' before are counted, but are not new. */
static void older_sockets(void) {
    struct admission *admission =
        make((struct admission_limits){.sockets = 100, .address_sockets = 3, .address_rate = 1, .rate = 1});
    struct address address = at("192.0.2.1");
    uint32_t place;
    for (int i = 0; i < 1000; i++) {
        EXPECT_EQ(admission_ask(admission, &address, false, 0, &place), ADMISSION_GRANTED);
        admission_release(admission, place);
    }
    for (int i = 0; i < 3; i++)
        EXPECT_EQ(admission_ask(admission, &address, false, 0, &place), ADMISSION_GRANTED);
    EXPECT_EQ(admission_ask(admission, &address, false, 0, &place), ADMISSION_ADDRESS);
    admission_destroy(admission);
}

static void no_bounds(void) {
    struct admission *admission = make((struct admission_limits){.sockets = 10});
    EXPECT_EQ(let_in(admission, "192.0.2.1", 50000, 5), 50000);
    admission_destroy(admission);
}

/* More addresses at once than the table has entries: the rest is let in uncounted. */
static void table_full(void) {
    struct admission *admission = make((struct admission_limits){.sockets = 1, .address_sockets = 1});
    uint32_t uncounted = 0, place;
    for (uint32_t i = 0; i < 5000; i++) {
        struct address address = {.bytes = {0x20, 1, (uint8_t)(i >> 8), (uint8_t)i}};
        EXPECT_EQ(admission_ask(admission, &address, true, 0, &place), ADMISSION_GRANTED);
        uncounted += place == 0;
        if (place == 0) admission_release(admission, place);
    }
    EXPECT(uncounted >= 5000 - 1024 && uncounted < 5000);
    admission_destroy(admission);
}

struct model { /* what the table must be equal to, kept in the plainest way */
    struct admission *admission;
    uint32_t sockets[ADDRESSES], site_sockets[ADDRESSES / SITE_ADDRESSES + 1];
    uint32_t places[ADDRESSES][ADDRESS_SOCKETS];
    double level[ADDRESSES], all; /* of the buckets, in sockets */
    uint64_t now_us;
};

static struct address address_of(size_t i) {
    struct address address = {
        .bytes = {0x20, 1, 0xd, 0xb8, 0, (uint8_t)(i / SITE_ADDRESSES), (uint8_t)(i >> 8), (uint8_t)i}};
    uint8_t v4[4] = {192, 0, (uint8_t)(i >> 8), (uint8_t)i};
    return i % 2 ? address : address_v4(v4);
}

/* Of those in it, IPv6 alone; the others' count for nothing. */
static uint32_t *site_sockets(struct model *model, size_t i) {
    static uint32_t none;
    none = 0;
    return i % 2 ? &model->site_sockets[i / SITE_ADDRESSES] : &none;
}

static void refill(struct model *model, double seconds) {
    for (size_t i = 0; i < ADDRESSES; i++) {
        model->level[i] += seconds * ADDRESS_RATE;
        if (model->level[i] > ADDRESS_RATE * ADMISSION_ADDRESS_BURST_S)
            model->level[i] = ADDRESS_RATE * ADMISSION_ADDRESS_BURST_S;
    }
    model->all += seconds * RATE;
    if (model->all > RATE * ADMISSION_BURST_S) model->all = RATE * ADMISSION_BURST_S;
}

/* Near the edge a bucket of doubles can't tell. */
static bool unclear(double level) {
    return level > 0.99 && level < 1.01;
}

static void ask(struct model *model, size_t i) {
    struct address address = address_of(i);
    uint32_t place;
    bool full = model->sockets[i] == ADDRESS_SOCKETS;
    full = full || *site_sockets(model, i) == ADDRESS_SOCKETS * ADMISSION_SITE;
    bool fast = model->level[i] < 1, all = model->all < 1;
    bool sure = full || (!unclear(model->level[i]) && !unclear(model->all));
    enum admission_verdict verdict = admission_ask(model->admission, &address, true, model->now_us, &place);
    enum admission_verdict due = full   ? ADMISSION_ADDRESS
                                 : fast ? ADMISSION_ADDRESS_RATE
                                 : all  ? ADMISSION_RATE
                                        : ADMISSION_GRANTED;
    if (sure) EXPECT_EQ(verdict, due);
    /* What the address had to give is given even if all together had none. */
    if (verdict == ADMISSION_RATE || verdict == ADMISSION_GRANTED) model->level[i] -= 1;
    if (verdict != ADMISSION_GRANTED) return;
    model->all -= 1;
    EXPECT(place != 0);
    model->places[i][model->sockets[i]++] = place;
    ++*site_sockets(model, i);
}

static void leave(struct model *model, size_t i) {
    if (model->sockets[i] == 0) return;
    admission_release(model->admission, model->places[i][--model->sockets[i]]);
    --*site_sockets(model, i);
}

static void against_a_model(void) {
    static struct model model;
    uint64_t dice = dice_seed(dice_of_test());
    model = (struct model){.now_us = SECOND};
    model.admission = make((struct admission_limits){
        .sockets = 2000, .address_sockets = ADDRESS_SOCKETS, .address_rate = ADDRESS_RATE, .rate = RATE});
    refill(&model, 100);
    for (int step = 0; step < STEPS; step++) {
        size_t busy = dice_below(&dice, 3) ? 8 : ADDRESSES, i = dice_below(&dice, (uint32_t)busy);
        if (dice_below(&dice, 2))
            ask(&model, i);
        else
            leave(&model, i);
        uint32_t passed_us = dice_below(&dice, 50) ? dice_below(&dice, 4000) : dice_below(&dice, 3 * SECOND);
        model.now_us += passed_us;
        refill(&model, passed_us / 1e6);
    }
    admission_destroy(model.admission);
}

int main(void) {
    RUN(text_there_and_back);
    RUN(what_is_no_address);
    RUN(loopback);
    RUN(networks);
    RUN(sockets_in_all);
    RUN(memory);
    RUN(addresses_by_64_bits);
    RUN(sites_by_48_bits);
    RUN(rates);
    RUN(older_sockets);
    RUN(no_bounds);
    RUN(table_full);
    RUN(against_a_model);
    return check_done();
}
