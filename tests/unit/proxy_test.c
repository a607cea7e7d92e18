/* What proxies say: PROXY headers of both versions as their specification writes them, whole, in pieces and
 * wrong; and X-Forwarded-For, of which only what our own proxies wrote is believed. */
#include "server/edge/proxy.h"
#include "tests/check.h"

static struct proxy_header header;

static enum proxy_reading read_text(const char *text) {
    return proxy_read((const uint8_t *)text, strlen(text), &header);
}

static bool client_is(const char *text) {
    char told[ADDRESS_TEXT] = "";
    address_write(&header.client, told);
    return header.told && strcmp(told, text) == 0;
}

/* Each piece of it asks for more, and what follows it is not looked at. */
static void comes_in_pieces(const uint8_t *bytes, size_t size) {
    uint8_t longer[PROXY_HEADER_MAX + 16];
    for (size_t i = 0; i < size; i++) EXPECT_EQ(proxy_read(bytes, i, &header), PROXY_MORE);
    memcpy(longer, bytes, size);
    memset(longer + size, 0x16, 16);
    EXPECT_EQ(proxy_read(longer, size + 16, &header), PROXY_WHOLE);
    EXPECT_EQ(header.size, size);
}

static void version_1(void) {
    static const char v4[] = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n";
    static const char v6[] = "PROXY TCP6 2001:db8::7 2001:db8::1 0 65535\r\n";
    comes_in_pieces((const uint8_t *)v4, sizeof v4 - 1);
    EXPECT(client_is("192.0.2.7"));
    comes_in_pieces((const uint8_t *)v6, sizeof v6 - 1);
    EXPECT(client_is("2001:db8::7"));
}

static void version_1_unknown(void) {
    static const char *const unknown[] = {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN whatever stands here\r\n",
                                          "PROXY UNKNOWN ffff::1 ::2 65535 65535\r\n"};
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        comes_in_pieces((const uint8_t *)unknown[i], strlen(unknown[i]));
        EXPECT(!header.own && !header.told);
    }
}

static void version_1_wrong(void) {
    static const char *const wrong[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "\x16\x03\x01",
        "PROXX",
        "proxy TCP4",
        "PROXY \r\n",
        "PROXY TCP4\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 1\r\n",
        "PROXY TCP4  192.0.2.7 198.51.100.1 56324 443\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 \r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 56324 65536\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 056 443\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 -1 443\r\n",
        "PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
        "PROXY TCP6 192.0.2.7 198.51.100.1 1 2\r\n",
        "PROXY TCP4 somebody 198.51.100.1 1 2\r\n",
        "PROXY TCP4 192.0.2.7 nobody 1 2\r\n",
        "PROXY UDP4 192.0.2.7 198.51.100.1 1 2\r\n",
        "PROXY UNKNOWNS\r\n",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) EXPECT_EQ(read_text(wrong[i]), PROXY_WRONG);
    char endless[200];
    memset(endless, 'x', sizeof endless);
    memcpy(endless, "PROXY UNKNOWN ", 14);
    EXPECT_EQ(proxy_read((uint8_t *)endless, 106, &header), PROXY_MORE);
    EXPECT_EQ(proxy_read((uint8_t *)endless, 107, &header), PROXY_WRONG);
    EXPECT_EQ(proxy_read((uint8_t *)endless, sizeof endless, &header), PROXY_WRONG);
}

/* A header of version 2 with this command and family, its addresses and `more` bytes of extensions. */
static size_t make_v2(uint8_t *into, uint8_t command, uint8_t family, size_t addresses, size_t more) {
    static const uint8_t from[] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9};
    static const uint8_t v4[] = {203, 0, 113, 9};
    size_t length = addresses + more;
    memset(into, 0xee, 16 + length);
    memcpy(into, "\r\n\r\n\0\r\nQUIT\n", 12);
    into[12] = command;
    into[13] = family;
    into[14] = (uint8_t)(length >> 8);
    into[15] = (uint8_t)length;
    if (addresses == 12) memcpy(into + 16, v4, sizeof v4);
    if (addresses == 36) memcpy(into + 16, from, sizeof from);
    return 16 + length;
}

static void version_2(void) {
    uint8_t bytes[PROXY_HEADER_MAX];
    comes_in_pieces(bytes, make_v2(bytes, 0x21, 0x11, 12, 0));
    EXPECT(client_is("203.0.113.9"));
    comes_in_pieces(bytes, make_v2(bytes, 0x21, 0x21, 36, 0));
    EXPECT(client_is("2001:db8::9"));
    comes_in_pieces(bytes, make_v2(bytes, 0x21, 0x11, 12, 500));
    EXPECT(client_is("203.0.113.9"));
}

static void version_2_without_a_client(void) {
    uint8_t bytes[PROXY_HEADER_MAX];
    comes_in_pieces(bytes, make_v2(bytes, 0x20, 0, 0, 0));
    EXPECT(header.own && !header.told);
    comes_in_pieces(bytes, make_v2(bytes, 0x20, 0x11, 12, 0));
    EXPECT(header.own && !header.told);
    comes_in_pieces(bytes, make_v2(bytes, 0x21, 0x31, 216, 0)); /* a Unix socket */
    EXPECT(!header.own && !header.told);
    comes_in_pieces(bytes, make_v2(bytes, 0x21, 0, 0, 0));
    EXPECT(!header.own && !header.told);
}

static void version_2_wrong(void) {
    uint8_t bytes[PROXY_HEADER_MAX + 16];
    EXPECT_EQ(proxy_read(bytes, make_v2(bytes, 0x11, 0x11, 12, 0), &header), PROXY_WRONG);
    EXPECT_EQ(proxy_read(bytes, make_v2(bytes, 0x22, 0x11, 12, 0), &header), PROXY_WRONG);
    EXPECT_EQ(proxy_read(bytes, make_v2(bytes, 0x21, 0x11, 0, 11), &header), PROXY_WRONG);
    EXPECT_EQ(proxy_read(bytes, make_v2(bytes, 0x21, 0x21, 0, 35), &header), PROXY_WRONG);
    EXPECT_EQ(proxy_read(bytes, make_v2(bytes, 0x21, 0x11, 12, 509), &header), PROXY_WRONG);
    make_v2(bytes, 0x21, 0x11, 12, 0);
    bytes[14] = 0xff; /* sixty-four thousand bytes are announced: wrong before they come */
    EXPECT_EQ(proxy_read(bytes, 16, &header), PROXY_WRONG);
    bytes[11] = 'x';
    EXPECT_EQ(proxy_read(bytes, 28, &header), PROXY_WRONG);
}

/* Whom the header names, with 10.0.0.0/8 and fd00::/8 listed; "": nobody. */
static bool forwarded(const char *value, const char *due) {
    struct networks proxies;
    struct address client;
    const char *wrong;
    char told[ADDRESS_TEXT] = "";
    EXPECT(networks_parse("10.0.0.0/8 fd00::/8", &proxies, &wrong));
    if (proxy_forwarded(value, &proxies, &client)) address_write(&client, told);
    return strcmp(told, due) == 0;
}

static void x_forwarded_for(void) {
    EXPECT(forwarded("192.0.2.7", "192.0.2.7"));
    EXPECT(forwarded("203.0.113.1, 192.0.2.7", "192.0.2.7")); /* the first is the client's own word */
    EXPECT(forwarded("203.0.113.1,192.0.2.7,10.1.1.1, fd00::3", "192.0.2.7"));
    EXPECT(forwarded("nonsense, 192.0.2.7", "192.0.2.7"));
    EXPECT(forwarded("  2001:db8::7\t", "2001:db8::7"));
    EXPECT(forwarded("192.0.2.7:5123", "192.0.2.7"));
    EXPECT(forwarded("[2001:db8::7]:5123", "2001:db8::7") && forwarded("[2001:db8::7]", "2001:db8::7"));
}

static void x_forwarded_for_nobody(void) {
    static const char *const nobody[] = {"",
                                         " ",
                                         ",",
                                         "10.1.1.1",
                                         "10.1.1.1, 10.2.2.2",
                                         "192.0.2.7, unknown",
                                         "192.0.2.7,",
                                         "x, 10.1.1.1",
                                         "[::1",
                                         "[]",
                                         ":80",
                                         "192.0.2.7 10.1.1.1",
                                         "2001:db8::7:x",
                                         "1.2.3.4.5",
                                         "_hid3",
                                         "fd00::1"};
    for (size_t i = 0; i < COUNT_OF(nobody); i++) EXPECT(forwarded(nobody[i], ""));
}

int main(void) {
    RUN(version_1);
    RUN(version_1_unknown);
    RUN(version_1_wrong);
    RUN(version_2);
    RUN(version_2_without_a_client);
    RUN(version_2_wrong);
    RUN(x_forwarded_for);
    RUN(x_forwarded_for_nobody);
    return check_done();
}
