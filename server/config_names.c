/* How settings are named, and what was probably meant by a name that is none; and the one way in which
 * anything is refused. */
#include "server/config_inside.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_BYTES = 2400 /* twice the longest line of the file */ };

bool config_refuse(const char *where, const char *format, ...) {
    char words[WORDS_BYTES];
    va_list values;
    va_start(values, format);
    vsnprintf(words, sizeof(words), format, values);
    va_end(values);
    fprintf(stderr, "%s: %s\n", where, words);
    return false;
}

/* Flags are written with dashes, keys with underscores, variables in capitals: all one name. */
bool config_is_name(const char *written, size_t length, const char *key) {
    if (strlen(key) != length) return false;
    for (size_t i = 0; i < length; i++) {
        char c = written[i] == '-' ? '_' : (char)tolower((unsigned char)written[i]);
        if (c != key[i]) return false;
    }
    return true;
}

const struct setting *config_find(const char *written, size_t length) {
    const struct setting *setting;
    for (size_t i = 0; (setting = config_setting(i)); i++)
        if (config_is_name(written, length, setting->key)) break;
    return setting;
}

static size_t min3(size_t a, size_t b, size_t c) {
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance between a name as written and a key. */
static size_t distance(const char *written, size_t length, const char *key) {
    size_t row[64], key_length = strlen(key);
    if (key_length >= sizeof(row) / sizeof(row[0])) return SIZE_MAX;
    for (size_t k = 0; k <= key_length; k++) row[k] = k;
    for (size_t w = 0; w < length; w++) {
        size_t corner = row[0];
        row[0] = w + 1;
        for (size_t k = 0; k < key_length; k++) {
            size_t change = corner + !config_is_name(written + w, 1, (char[]){key[k], 0});
            corner = row[k + 1];
            row[k + 1] = min3(change, row[k] + 1, corner + 1);
        }
    }
    return row[key_length];
}

/* The nearest of the keys (or sections), if it is near enough to have been meant; else NULL. */
static const char *nearest(const char *written, size_t length, bool of_sections) {
    const char *best = NULL;
    size_t best_distance = 3;
    const struct setting *setting;
    for (size_t i = 0; (setting = config_setting(i)); i++) {
        const char *name = of_sections ? setting->section : setting->key;
        size_t found = distance(written, length, name);
        if (found >= best_distance) continue;
        best = name;
        best_distance = found;
    }
    return best;
}

bool config_refuse_name(const char *where, const char *what, const char *prefix, const char *written,
                        size_t length, bool of_sections) {
    const char *meant = nearest(written, length, of_sections);
    char spelled[64] = "";
    if (meant) snprintf(spelled, sizeof(spelled), "%s%s", prefix, meant);
    for (char *c = spelled; meant && *c; c++) {
        if (!strcmp(prefix, "--") && *c == '_') *c = '-';
        if (!strcmp(prefix, "TIDEWIRE_")) *c = (char)toupper((unsigned char)*c);
    }
    return config_refuse(where, "unknown %s '%.*s'%s%s%s", what, (int)length, written,
                         meant ? "; did you mean '" : "", spelled, meant ? "'?" : "");
}

/* Games and rooms are named in lower case with dashes. */
bool config_is_label(const char *text, bool of_rule) {
    size_t length = strlen(text);
    for (const char *c = text; *c; c++) {
        bool fine = islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-';
        if (!fine && !(of_rule && (isupper((unsigned char)*c) || *c == '_'))) return false;
    }
    return length && length < 24;
}
