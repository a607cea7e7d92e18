/* Tokens: their form, that no two are alike, and the accounts made from them. */
#include "server/keep/token.h"
#include "tests/check.h"

static void made_tokens_are_valid_and_differ(void) {
    enum { MANY = 1000 };
    static char tokens[MANY][LIMIT_TOKEN];
    for (int i = 0; i < MANY; i++) {
        token_make(tokens[i]);
        EXPECT(token_valid(tokens[i]));
        for (int j = 0; j < i; j++) EXPECT(!token_equal(tokens[i], tokens[j]));
    }
    EXPECT(token_equal(tokens[3], tokens[3]));
}

static void only_the_exact_form_is_valid(void) {
    EXPECT(token_valid("0123456789abcdef0123456789abcdef"));
    EXPECT(!token_valid(""));
    EXPECT(!token_valid("-"));
    EXPECT(!token_valid("0123456789abcdef0123456789abcde"));
    EXPECT(!token_valid("0123456789abcdef0123456789abcdef0"));
    EXPECT(!token_valid("0123456789ABCDEF0123456789abcdef"));
    EXPECT(!token_valid("0123456789abcdeg0123456789abcdef"));
    EXPECT(!token_valid("0123456789abcdef 123456789abcdef"));
}

static void equality_sees_every_digit(void) {
    const char *token = "0123456789abcdef0123456789abcdef";
    for (int i = 0; i < LIMIT_TOKEN - 1; i++) {
        char other[LIMIT_TOKEN];
        memcpy(other, token, sizeof(other));
        other[i] = other[i] == 'e' ? 'd' : 'e';
        EXPECT(!token_equal(token, other));
    }
}

static void accounts_are_kept_for_ever(void) {
    /* The first 63 bits of sha256("0123456789abcdef0123456789abcdef"): as `sha256sum` says. Must never
     * change. */
    EXPECT(token_account("0123456789abcdef0123456789abcdef") == 0x1f58dea1cca3f5bbull);
    EXPECT(token_account("0123456789abcdef0123456789abcdee") !=
           token_account("0123456789abcdef0123456789abcdef"));
    for (int i = 0; i < 100; i++) {
        char token[LIMIT_TOKEN];
        token_make(token);
        EXPECT(token_account(token) > 0);
        EXPECT(token_account(token) <= INT64_MAX);
    }
}

static void random_numbers_differ(void) {
    uint64_t all = 0, none = UINT64_MAX;
    for (int i = 0; i < 100; i++) {
        uint64_t number = token_random();
        all |= number;
        none &= number;
    }
    EXPECT(all == UINT64_MAX);
    EXPECT(none == 0);
}

int main(void) {
    RUN(made_tokens_are_valid_and_differ);
    RUN(only_the_exact_form_is_valid);
    RUN(equality_sees_every_digit);
    RUN(accounts_are_kept_for_ever);
    RUN(random_numbers_differ);
    return check_done();
}
