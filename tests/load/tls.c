/* OpenSSL, non-blocking. Reading ahead saves a system call for each record: see tls_pending. */
#include "tests/load/tls.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

struct ssl_ctx_st *tls_create(bool verify, const char **why) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    *why = "OpenSSL has no memory";
    if (!context) return NULL;
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    if (!verify || SSL_CTX_set_default_verify_paths(context)) return context;
    *why = "this system has no certificates to verify with";
    SSL_CTX_free(context);
    return NULL;
}

void tls_destroy(struct ssl_ctx_st *context) {
    SSL_CTX_free(context);
}

struct ssl_st *tls_open(struct ssl_ctx_st *context, int fd, const char *host, bool verify) {
    SSL *stream = SSL_new(context);
    if (!stream) return NULL;
    bool fine = SSL_set_fd(stream, fd) && SSL_set_tlsext_host_name(stream, host) &&
                (!verify || SSL_set1_host(stream, host));
    SSL_set_connect_state(stream);
    if (fine) return stream;
    SSL_free(stream);
    return NULL;
}

void tls_close(struct ssl_st *stream) {
    SSL_free(stream);
}

static enum tls_result result_of(struct ssl_st *stream, int returned) {
    switch (SSL_get_error(stream, returned)) {
    case SSL_ERROR_NONE:
        return TLS_DONE;
    case SSL_ERROR_WANT_READ:
        return TLS_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        return TLS_AGAIN_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_CLOSED;
    default:
        return TLS_FAILED;
    }
}

enum tls_result tls_shake(struct ssl_st *stream) {
    ERR_clear_error();
    return result_of(stream, SSL_connect(stream));
}

enum tls_result tls_read(struct ssl_st *stream, uint8_t *bytes, size_t size, size_t *got) {
    ERR_clear_error();
    *got = 0;
    return result_of(stream, SSL_read_ex(stream, bytes, size, got));
}

enum tls_result tls_write(struct ssl_st *stream, const uint8_t *bytes, size_t size, size_t *put) {
    ERR_clear_error();
    *put = 0;
    return result_of(stream, SSL_write_ex(stream, bytes, size, put));
}

bool tls_pending(const struct ssl_st *stream) {
    return SSL_has_pending(stream) == 1;
}

void tls_why(const struct ssl_st *stream, char *into, size_t size) {
    unsigned long error = ERR_peek_error();
    long verified = SSL_get_verify_result(stream);
    const char *reason = error ? ERR_reason_error_string(error) : NULL;
    if (error && ERR_GET_REASON(error) == SSL_R_WRONG_VERSION_NUMBER)
        reason = "the server does not speak TLS here; try ws:// instead of wss://";
    if (error && ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED)
        reason = X509_verify_cert_error_string(verified);
    snprintf(into, size, "%s", reason ? reason : "the server hung up");
}

void tls_digest(const char *text, char into[32]) {
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    into[0] = 0;
    if (EVP_Digest(text, strlen(text), digest, &size, EVP_sha1(), NULL) && size == 20)
        EVP_EncodeBlock((uint8_t *)into, digest, (int)size);
}
