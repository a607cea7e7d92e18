/* The built pages: read whole at the start, served from memory. So no request reaches the disk, and no path
 * leads out of the folder. A new build is served after a restart. Each game's page lies in a folder of the
 * game's name; what lies in the front game's is also found without that name. */
#include "protocol/message.h"
#include "server/log.h"
#include "server/edge/net_internal.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PAGES_MAX = 4096,          /* files */
    PAGE_BYTES_MAX = 64 << 20, /* of one file: a built page has a few MB */
    PAGE_DEPTH_MAX = 8,        /* folders within folders */
    HASH_LETTERS = 8,          /* what bundlers put into names at least */
};

/* ---- Names. */

static const char *type_of(const char *path) {
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".wasm", "application/wasm"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".avif", "image/avif"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".mp3", "audio/mpeg"},
        {".ogg", "audio/ogg"},
        {".wav", "audio/wav"},
        {".txt", "text/plain; charset=utf-8"},
    };
    const char *end = strrchr(path, '.');
    for (size_t i = 0; end && i < COUNT_OF(types); i++)
        if (strcmp(end, types[i][0]) == 0) return types[i][1];
    return "application/octet-stream";
}

/* As in index-Bx1k3l9a.js: a dash or dot, then at least eight letters of a hash with a digit or a capital in
 * it, then the ending. */
static bool name_has_hash(const char *path) {
    const char *end = strrchr(path, '.'), *from = end;
    bool telling = false;
    if (!end) return false;
    while (from > path && from[-1] != '-' && from[-1] != '.' && from[-1] != '/') {
        from--;
        telling = telling || (*from >= '0' && *from <= '9') || (*from >= 'A' && *from <= 'Z');
    }
    return telling && end - from >= HASH_LETTERS && from > path && from[-1] != '/';
}

/* ---- Reading the folder. */

static bool read_all(int fd, uint8_t *into, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t count = read(fd, into + done, size - done);
        if (count <= 0) return false;
        done += (size_t)count;
    }
    return true;
}

static void describe(struct page *page) {
    uint64_t hash = page->size;
    for (size_t i = 0; i < page->size; i++) hash = mix_step(hash, page->bytes[i]);
    snprintf(page->etag, sizeof page->etag, "%016llx", (unsigned long long)hash);
    page->type = type_of(page->path);
    page->immutable = name_has_hash(page->path);
}

/* What is not served, so that nobody has to guess why there is nothing. */
static void skip(const char *file, const char *why) {
    log_limited(LOG_WARN, "page_skipped", "path=%s why=\"%s\"", LOG_QUOTE(file), why);
}

static void read_file(struct net *net, const char *file, const char *path) {
    struct stat about;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        skip(file, errno == ELOOP ? "a link, which is not followed" : strerror(errno));
        return;
    }
    bool fine = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size <= PAGE_BYTES_MAX;
    struct page page = {.size = fine ? (size_t)about.st_size : 0};
    page.bytes = fine ? malloc(page.size + 1) : NULL;
    page.path = page.bytes ? strdup(path) : NULL;
    if (page.path && read_all(fd, page.bytes, page.size)) {
        describe(&page);
        net->pages[net->page_count++] = page;
    } else {
        skip(file, fine ? "it cannot be read" : "not a file, or too large");
        free(page.path);
        free(page.bytes);
    }
    close(fd);
}

static bool is_folder(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static void read_folder(struct net *net, const char *folder, const char *path, int depth) {
    DIR *open_folder = opendir(folder);
    if (!open_folder) return;
    for (struct dirent *entry; (entry = readdir(open_folder));) {
        char inner[1024], inner_path[512];
        if (entry->d_name[0] == '.') continue;
        if ((size_t)snprintf(inner, sizeof inner, "%s/%s", folder, entry->d_name) >= sizeof inner) continue;
        if ((size_t)snprintf(inner_path, sizeof inner_path, "%s/%s", path, entry->d_name) >=
            sizeof inner_path)
            continue;
        if (net->page_count == PAGES_MAX)
            skip(inner, "there are too many");
        else if (!is_folder(inner))
            read_file(net, inner, inner_path);
        else if (depth < PAGE_DEPTH_MAX)
            read_folder(net, inner, inner_path, depth + 1);
        else
            skip(inner, "it lies too deep");
    }
    closedir(open_folder);
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct page *)a)->path, ((const struct page *)b)->path);
}

static struct page *find(const struct net *net, const char *path) {
    struct page key = {.path = (char *)(uintptr_t)path};
    if (!net->page_count) return NULL;
    return bsearch(&key, net->pages, net->page_count, sizeof key, by_path);
}

/* What a path names: in the front game's folder, or else as it stands: another game's page, or what pages
 * share. */
static const struct page *page_at(const struct net *net, const char *path) {
    char inner[640];
    const char *index = path[0] && path[strlen(path) - 1] == '/' ? "index.html" : "";
    snprintf(inner, sizeof inner, "/%s%s%s", net->outside.config->game, path, index);
    const struct page *page = find(net, inner);
    return page ? page : find(net, inner + 1 + strlen(net->outside.config->game));
}

static void pair_packed(struct net *net) {
    char path[520];
    for (size_t i = 0; i < net->page_count; i++) {
        snprintf(path, sizeof path, "%s.gz", net->pages[i].path);
        const struct page *packed = find(net, path);
        if (!packed) continue;
        net->pages[i].packed = packed->bytes;
        net->pages[i].packed_size = packed->size;
    }
}

bool net_pages_load(struct net *net) {
    const char *folder = net->outside.config->pages;
    net->pages = calloc(PAGES_MAX, sizeof *net->pages);
    if (!net->pages) return false;
    read_folder(net, folder, "", 0);
    qsort(net->pages, net->page_count, sizeof *net->pages, by_path);
    pair_packed(net);
    log_write(net->page_count ? LOG_INFO : LOG_WARN, "pages", "path=%s files=%zu", LOG_QUOTE(folder),
              net->page_count);
    return true;
}

void net_pages_free(struct net *net) {
    for (size_t i = 0; i < net->page_count; i++) {
        free(net->pages[i].path);
        free(net->pages[i].bytes);
    }
    free(net->pages);
}

/* ---- Serving. */

static bool takes_gzip(struct connection *connection) {
    char text[256];
    if (!net_header(connection, WSI_TOKEN_HTTP_ACCEPT_ENCODING, text, sizeof text)) return false;
    const char *at = strstr(text, "gzip");
    return at && strncmp(at, "gzip;q=0", 8) != 0;
}

/* What the page may do in a browser: its own scripts, styles and sockets. Blobs and data are what graphics
 * libraries make textures and workers from. */
static void put_policy(struct connection *connection, char *into, size_t size) {
    char host[128], sockets[320] = "";
    bool named =
        net_header(connection, WSI_TOKEN_HOST, host, sizeof host) &&
        strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") == strlen(host);
    if (named) snprintf(sockets, sizeof sockets, " wss://%s ws://%s", host, host);
    snprintf(into, size,
             "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "
             "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
             "media-src 'self' data: blob:; connect-src 'self' data: blob:%s; worker-src 'self' blob:; "
             "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
             "Cross-Origin-Opener-Policy: same-origin\r\n",
             sockets);
}

static int reply_page(struct connection *connection, const struct page *page) {
    char policy[1024], headers[1600], known[256];
    bool packed = page->packed && takes_gzip(connection);
    bool fresh = net_header(connection, WSI_TOKEN_HTTP_IF_NONE_MATCH, known, sizeof known) &&
                 strstr(known, page->etag);
    put_policy(connection, policy, sizeof policy);
    snprintf(headers, sizeof headers, "ETag: \"%s%s\"\r\nCache-Control: %s\r\n%s%s%s", page->etag,
             packed ? "-gz" : "", page->immutable ? "public, max-age=31536000, immutable" : "no-cache",
             packed ? "Content-Encoding: gzip\r\n" : "", page->packed ? "Vary: Accept-Encoding\r\n" : "",
             policy);
    struct net_reply reply = {.status = fresh ? 304 : 200,
                              .type = page->type,
                              .headers = headers,
                              .body = packed ? page->packed : page->bytes,
                              .size = packed ? page->packed_size : page->size,
                              .head = fresh};
    return net_reply(connection, &reply);
}

/* Whether a game's name was asked for without the slash behind it. (With a query it might name a room, which
 * is not to be lost on the way.) */
static bool lacks_slash(struct connection *connection, const char *path) {
    char folder[LIMIT_LABEL + 2];
    if (path[0] != '/' || !message_label_valid(path + 1) ||
        lws_hdr_total_length(connection->wsi, WSI_TOKEN_HTTP_URI_ARGS))
        return false;
    snprintf(folder, sizeof folder, "%s/", path);
    return page_at(connection->thread->net, folder) != NULL;
}

/* The browser is to ask there again: what the page names lies behind the slash. */
static int send_behind_slash(struct connection *connection, const char *path) {
    char headers[LIMIT_LABEL + 64];
    snprintf(headers, sizeof headers, "Location: %s/\r\nCache-Control: no-store\r\n", path);
    return net_reply_text(connection, 302, headers, "");
}

int net_page(struct connection *connection, const char *path) {
    const struct net *net = connection->thread->net;
    const struct page *page = page_at(net, path);
    if (page) return reply_page(connection, page);
    if (lacks_slash(connection, path)) return send_behind_slash(connection, path);
    if (!net->page_count)
        return net_reply_text(
            connection, 503, "Retry-After: 30\r\n",
            "The server runs, but has no page to show: the folder of the setting `pages` is "
            "empty or not there.\nscripts/run builds the page and starts the server with it.\n");
    static const char text[] =
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">"
        "<title>Not found</title><style>body{margin:30vh 1em;background:#0b1020;color:#dde3ff;"
        "font:20px/1.6 system-ui,sans-serif;text-align:center}a{color:#7fd4ff}</style>"
        "<p>There is nothing here.<p><a href=\"/\">To the game</a>\n";
    struct net_reply reply = {.status = 404,
                              .type = "text/html; charset=utf-8",
                              .headers = "Cache-Control: no-store\r\n",
                              .body = text,
                              .size = sizeof text - 1};
    return net_reply(connection, &reply);
}
