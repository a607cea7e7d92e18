/* Random tokens and the accounts they stand for, by OpenSSL. Without random numbers nothing here is safe, so
 * their failure ends the program. */
#include "server/keep/token.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

enum { TOKEN_DIGITS = LIMIT_TOKEN - 1, TOKEN_BYTES = TOKEN_DIGITS / 2 };

static uint64_t read_u64(const uint8_t *bytes) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | bytes[i];
    return value;
}

void token_make(char token[LIMIT_TOKEN]) {
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[TOKEN_BYTES];
    CHECK(RAND_bytes(bytes, sizeof(bytes)) == 1);
    for (size_t i = 0; i < TOKEN_BYTES; i++) {
        token[2 * i] = digits[bytes[i] >> 4];
        token[2 * i + 1] = digits[bytes[i] & 15];
    }
    token[TOKEN_DIGITS] = 0;
}

bool token_valid(const char *token) {
    size_t length = 0;
    for (; length < TOKEN_DIGITS; length++) {
        char c = token[length];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return token[length] == 0;
}

bool token_equal(const char *a, const char *b) {
    return CRYPTO_memcmp(a, b, TOKEN_DIGITS) == 0;
}

uint64_t token_account(const char *device) {
    uint8_t digest[EVP_MAX_MD_SIZE];
    CHECK(EVP_Digest(device, TOKEN_DIGITS, digest, NULL, EVP_sha256(), NULL) == 1);
    uint64_t account = read_u64(digest) >> 1; /* SQLite's integers are signed */
    return account ? account : 1;             /* 0 is the guest */
}

uint64_t token_random(void) {
    uint8_t bytes[8];
    CHECK(RAND_bytes(bytes, sizeof(bytes)) == 1);
    return read_u64(bytes);
}
