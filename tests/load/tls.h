/* TLS as the bots need it: a client's context, one stream per socket, and the digest that a WebSocket
 * handshake asks for. The one file that knows OpenSSL. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ssl_ctx_st;
struct ssl_st;

enum tls_result { TLS_DONE, TLS_AGAIN, TLS_AGAIN_WRITE, TLS_CLOSED, TLS_FAILED };

/* NULL with words in `why` (a static text). `verify`: servers must show a certificate that this system
 * trusts. */
struct ssl_ctx_st *tls_create(bool verify, const char **why);
void tls_destroy(struct ssl_ctx_st *context);
/* A stream over a connected, non-blocking socket, which stays the caller's. `host`: for SNI and --verify. */
struct ssl_st *tls_open(struct ssl_ctx_st *context, int fd, const char *host, bool verify);
void tls_close(struct ssl_st *stream);
enum tls_result tls_shake(struct ssl_st *stream);
enum tls_result tls_read(struct ssl_st *stream, uint8_t *bytes, size_t size, size_t *got);
enum tls_result tls_write(struct ssl_st *stream, const uint8_t *bytes, size_t size, size_t *put);
/* Whether bytes were taken off the socket that tls_read has not given yet: no event will tell of them. */
bool tls_pending(const struct ssl_st *stream);
/* Why the last call on this thread failed. */
void tls_why(const struct ssl_st *stream, char *into, size_t size);
/* base64(SHA-1(text)): 28 characters and an end. */
void tls_digest(const char *text, char into[32]);
