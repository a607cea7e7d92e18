/* Tokens: 128 random bits as 32 hexadecimal digits, and what is derived from them. The one user of OpenSSL's
 * random numbers and digests. Any thread. */
#pragma once
#include "protocol/base.h"
#include "protocol/limits.h"

/* A new random token with its end. */
void token_make(char token[LIMIT_TOKEN]);
/* Whether this is the form of a token: 32 lower-case hexadecimal digits. */
bool token_valid(const char *token);
/* Whether two valid tokens are equal; takes the same time wherever they differ. */
bool token_equal(const char *a, const char *b);
/* The account that a device token stands for: 63 bits of its SHA-256, never 0. The token itself is never
 * kept. */
uint64_t token_account(const char *device);
/* 64 random bits, for seeds. */
uint64_t token_random(void);
