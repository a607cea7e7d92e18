/* TLS: makes the self-signed certificate at the first start, checks every pair before it is used, and sets up
 * the library's contexts. The one user of OpenSSL's TLS. */
#include "server/log.h"
#include "server/edge/net_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CERTIFICATE_DAYS = 3650,
    FILE_BYTES = 1 << 20, /* of a certificate or key at most: a long chain has some thousands */
};

/* Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else. */
static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

/* Why OpenSSL's last call failed; the first of its reasons is the deepest one. */
static const char *ssl_reason(void) {
    unsigned long error = ERR_peek_error();
    ERR_clear_error();
    if (ERR_SYSTEM_ERROR(error)) return strerror(ERR_GET_REASON(error));
    const char *reason = ERR_reason_error_string(error);
    return reason ? reason : "unknown";
}

/* There is nobody to be asked: the library would ask the terminal, and wait. */
static int no_passphrase(char *into, int size, int writes, void *nothing) {
    (void)into, (void)size, (void)writes, (void)nothing;
    ERR_raise(ERR_LIB_PEM, PEM_R_BAD_PASSWORD_READ); /* as the first reason, which is told */
    return -1;
}

/* Even what leads nowhere: it is not ours to replace. */
static bool is_there(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0 || errno != ENOENT;
}

/* ---- Making the certificate. */

static bool add_extension(X509 *certificate, int which, const char *value) {
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, which, value);
    bool fine = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return fine;
}

/* This host's name if it can stand in a certificate. */
static bool host_name(char *into, size_t size) {
    if (gethostname(into, size - 1)) return false;
    into[size - 1] = 0;
    return into[0] &&
           strspn(into, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == strlen(into);
}

static bool add_names(X509 *certificate) {
    char host[256], names[400];
    bool named = host_name(host, sizeof host);
    snprintf(names, sizeof names, "DNS:localhost,IP:127.0.0.1,IP:::1%s%s", named ? ",DNS:" : "",
             named ? host : "");
    return add_extension(certificate, NID_subject_alt_name, names) &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth");
}

static bool set_serial(X509 *certificate) {
    unsigned char random[8];
    BIGNUM *number = NULL;
    bool fine = RAND_bytes(random, sizeof random) == 1 && (number = BN_bin2bn(random, sizeof random, NULL)) &&
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return fine;
}

static X509 *make_certificate(EVP_PKEY *key) {
    X509 *certificate = X509_new();
    if (!certificate) return NULL;
    X509_NAME *name = X509_get_subject_name(certificate);
    bool fine =
        X509_set_version(certificate, X509_VERSION_3) && set_serial(certificate) &&
        X509_gmtime_adj(X509_getm_notBefore(certificate), -24L * 3600) &&
        X509_gmtime_adj(X509_getm_notAfter(certificate), CERTIFICATE_DAYS * 24L * 3600) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"Tidewire", -1, -1, 0) &&
        X509_set_issuer_name(certificate, name) && X509_set_pubkey(certificate, key) &&
        add_names(certificate) && X509_sign(certificate, key, EVP_sha256());
    if (fine) return certificate;
    X509_free(certificate);
    return NULL;
}

/* Writes beside the place and moves it there: a crash leaves no half a file. */
static bool write_pem(const char *path, mode_t mode, EVP_PKEY *key, X509 *certificate) {
    char beside[NET_PEM_PATH + sizeof ".new"];
    snprintf(beside, sizeof beside, "%s.new", path);
    unlink(beside);
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file) {
        if (fd >= 0) close(fd);
        return false;
    }
    bool fine =
        key ? PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) : PEM_write_X509(file, certificate);
    fine = fine && fflush(file) == 0 && fsync(fd) == 0;
    fine = fclose(file) == 0 && fine;
    return fine && rename(beside, path) == 0;
}

static EVP_PKEY *read_key(const char *path) {
    BIO *file = BIO_new_file(path, "r");
    EVP_PKEY *key = file ? PEM_read_bio_PrivateKey(file, NULL, no_passphrase, NULL) : NULL;
    BIO_free(file);
    return key;
}

/* The key goes first, and one that is there stays: if we ended between the two, it gets its certificate now.
 */
static bool make_pair(struct net *net) {
    bool keyed = is_there(net->key);
    EVP_PKEY *key = keyed ? read_key(net->key) : EVP_EC_gen("P-256");
    X509 *certificate = key ? make_certificate(key) : NULL;
    bool fine = certificate && (keyed || write_pem(net->key, 0600, key, NULL)) &&
                write_pem(net->certificate, 0644, NULL, certificate);
    if (fine)
        log_write(LOG_INFO, "certificate_made", "path=%s days=%d", LOG_QUOTE(net->certificate),
                  CERTIFICATE_DAYS);
    else
        log_write(LOG_ERROR, "certificate_failed", "path=%s key=%s why=\"cannot make or write it: %s\"",
                  LOG_QUOTE(net->certificate), LOG_QUOTE(net->key),
                  certificate ? strerror(errno) : ssl_reason());
    X509_free(certificate);
    EVP_PKEY_free(key);
    return fine;
}

/* ---- Tickets, in which TLS sessions live until their clients come back. */

/* Without randomness they stay as they are. */
static bool draw_ticket_keys(struct net *net) {
    uint8_t drawn[sizeof net->ticket_keys];
    if (RAND_bytes(drawn, sizeof drawn) != 1) return false;
    memcpy(net->ticket_keys, drawn, sizeof drawn);
    explicit_bzero(drawn, sizeof drawn);
    return true;
}

static bool take_ticket_keys(const struct net_thread *thread) {
    struct net *net = thread->net;
    return SSL_CTX_set_tlsext_ticket_keys(thread->tls, net->ticket_keys, sizeof net->ticket_keys) == 1;
}

/* ---- Checking a pair. */

/* What keeps this file from being read at once, or NULL: the ticks would wait for a pipe, or for gigabytes.
 */
static const char *look_over(const char *path) {
    struct stat about;
    if (stat(path, &about)) return strerror(errno);
    if (!S_ISREG(about.st_mode)) return "not a file";
    return about.st_size > FILE_BYTES ? "too large" : NULL;
}

/* In a context of its own: the library would find a mismatch only at each handshake. NULL after a log line.
 */
static SSL_CTX *load_pair(const char *certificate, const char *key) {
    SSL_CTX *loaded = SSL_CTX_new(TLS_server_method());
    const char *wrong = NULL, *why = NULL;
    ERR_clear_error();
    if (loaded) SSL_CTX_set_default_passwd_cb(loaded, no_passphrase);
    if (!loaded || (why = look_over(certificate)) ||
        SSL_CTX_use_certificate_chain_file(loaded, certificate) != 1)
        wrong = "cannot read the certificate";
    else if ((why = look_over(key)) || (SSL_CTX_use_PrivateKey_file(loaded, key, SSL_FILETYPE_PEM) != 1 &&
                                        ERR_GET_REASON(ERR_peek_last_error()) != X509_R_KEY_VALUES_MISMATCH))
        wrong = "cannot read the key";
    else if (SSL_CTX_check_private_key(loaded) != 1)
        wrong = "the key does not belong to the certificate";
    if (!wrong) return loaded;
    log_write(LOG_ERROR, "certificate_failed", "path=%s key=%s why=\"%s: %s\"", LOG_QUOTE(certificate),
              LOG_QUOTE(key), wrong, why ? why : ssl_reason());
    SSL_CTX_free(loaded);
    return NULL;
}

static bool has_expired(SSL_CTX *loaded) {
    return X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(loaded))) < 0;
}

/* Better an old one than no game: browsers ask their players. */
static bool check_pair(const char *certificate, const char *key) {
    SSL_CTX *loaded = load_pair(certificate, key);
    if (loaded && has_expired(loaded))
        log_write(LOG_WARN, "certificate_expired", "path=%s", LOG_QUOTE(certificate));
    SSL_CTX_free(loaded);
    return loaded != NULL;
}

/* A file that the settings name, or the one of this name in the state folder. */
static void place(char into[NET_PEM_PATH], const char *given, const char *state, const char *name) {
    if (given[0])
        snprintf(into, NET_PEM_PATH, "%s", given);
    else
        snprintf(into, NET_PEM_PATH, "%s/%s", state, name);
}

bool net_tls_prepare(struct net *net) {
    const struct config *config = net->outside.config;
    if (config->plain) return true;
    bool own = !config->certificate[0] && !config->key[0];
    place(net->certificate, config->certificate, config->state, "certificate.pem");
    place(net->key, config->key, config->state, "key.pem");
    if (own && !is_there(net->certificate) && !make_pair(net)) return false;
    net->client_tls = SSL_CTX_new(TLS_client_method());
    return net->client_tls && draw_ticket_keys(net) && check_pair(net->certificate, net->key);
}

void net_tls_finish(struct net *net) {
    SSL_CTX_free(net->client_tls);
    SSL_CTX_free(net->renewed);
    for (uint32_t i = 0; i < net->thread_count; i++) SSL_CTX_free(net->threads[i].renewed);
    explicit_bzero(net->ticket_keys, sizeof net->ticket_keys);
}

/* ---- Another pair while clients play. */

/* Who took up a TLS session from before would not be shown it: so tickets are worth nothing from then on. */
void net_renew(struct net *net) {
    if (net->outside.config->plain) return;
    SSL_CTX *loaded = load_pair(net->certificate, net->key), *before = net->renewed;
    if (loaded && has_expired(loaded)) {
        log_write(LOG_ERROR, "certificate_failed", "path=%s why=\"it has expired\"",
                  LOG_QUOTE(net->certificate));
        SSL_CTX_free(loaded);
        return;
    }
    if (!loaded) return;
    pthread_mutex_lock(&net->renewing);
    net->renewed = loaded;
    draw_ticket_keys(net);
    atomic_fetch_add(&net->renewals, 1);
    pthread_mutex_unlock(&net->renewing);
    SSL_CTX_free(before);
    net_wake(net);
    log_write(LOG_INFO, "certificate_renewed", "path=%s", LOG_QUOTE(net->certificate));
}

void net_tls_renew(struct net_thread *thread) {
    struct net *net = thread->net;
    if (thread->renewals == atomic_load(&net->renewals)) return;
    SSL_CTX_free(thread->renewed);
    pthread_mutex_lock(&net->renewing);
    thread->renewals = atomic_load(&net->renewals);
    thread->renewed = net->renewed;
    SSL_CTX_up_ref(thread->renewed);
    take_ticket_keys(thread);
    pthread_mutex_unlock(&net->renewing);
}

/* A context keeps a pair of each type of key, and none can be taken out of it: one that was replaced by a
 * pair of another type would go on being shown. So the renewed one is given to each connection as it shakes
 * hands, in place of all that its context has. */
static int give_renewed(SSL *ssl, void *argument) {
    const struct net_thread *thread = argument;
    STACK_OF(X509) *chain = NULL;
    if (!thread->renewed) return 1;
    SSL_certs_clear(ssl);
    SSL_CTX_get0_chain_certs(thread->renewed, &chain);
    return SSL_use_cert_and_key(ssl, SSL_CTX_get0_certificate(thread->renewed),
                                SSL_CTX_get0_privatekey(thread->renewed), chain, 1);
}

/* ---- The library's contexts. */

void net_tls_fill(struct net *net, struct lws_context_creation_info *info) {
    if (net->outside.config->plain) return;
    info->options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info->ssl_cert_filepath = net->certificate;
    info->ssl_private_key_filepath = net->key;
    info->ssl_cipher_list = ciphers;
    info->provided_client_ssl_ctx = net->client_tls;
}

int net_tls_context(struct net_thread *thread, void *ssl_ctx) {
    SSL_CTX *context = ssl_ctx;
    static const unsigned char name[] = "tidewire";
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    /* Sessions live in tickets alone: nothing is kept here, and every thread can open them. */
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(context, name, sizeof name - 1);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_cert_cb(context, give_renewed, thread);
    thread->tls = context;
    return take_ticket_keys(thread) ? 0 : 1;
}
