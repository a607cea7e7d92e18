#include "tests/load/slo.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *unit;
    double times;
} UNITS[] = {{"", 1}, {"us", 0.001}, {"ms", 1}, {"s", 1000}, {"k", 1e3}, {"M", 1e6}, {"%", 1}};

static bool read_bound(const char *text, double *bound) {
    char *end;
    *bound = strtod(text, &end);
    for (size_t i = 0; end != text && i < sizeof UNITS / sizeof *UNITS; i++) {
        if (strcmp(end, UNITS[i].unit) != 0) continue;
        *bound *= UNITS[i].times;
        return true;
    }
    return false;
}

static bool read_one(struct objective *objective, const char *text) {
    size_t name = strcspn(text, "<>="), sign = strspn(text + name, "<>=");
    if (name == 0 || name >= sizeof objective->name || sign == 0 || sign > 2) return false;
    memcpy(objective->name, text, name);
    memcpy(objective->than, text + name, sign);
    if (sign == 2 && objective->than[1] != '=') return false;
    return read_bound(text + name + sign, &objective->bound);
}

/* Without spaces. */
static bool squeeze(const char *text, char *into, size_t size) {
    size_t used = 0;
    for (; *text; text++) {
        if (isspace((unsigned char)*text)) continue;
        if (used + 1 >= size) return false;
        into[used++] = *text;
    }
    into[used] = 0;
    return used > 0;
}

bool slo_read(struct slo *slo, const char *text, char *why, size_t why_size) {
    char words[512], *rest = words;
    *slo = (struct slo){0};
    if (!squeeze(text, words, sizeof words)) {
        snprintf(why, why_size, "'%s' holds no objective", text);
        return false;
    }
    for (char *word; (word = strtok_r(rest, ",", &rest));) {
        if (slo->count < SLO_MAX && read_one(&slo->all[slo->count++], word)) continue;
        snprintf(why, why_size, "'%s' is no objective such as age_p99<120ms or divergent=0", word);
        return false;
    }
    return slo->count > 0;
}

bool slo_met(const struct objective *objective, const struct values *values, const struct value **found) {
    const struct value *value = values_find(values, objective->name);
    *found = value;
    if (!value) return false;
    double number = value->number, bound = objective->bound;
    bool equal = !(number < bound) && !(number > bound);
    if (objective->than[0] == '=') return equal;
    if (objective->than[1] == '=' && equal) return true;
    return objective->than[0] == '<' ? number < bound : number > bound;
}
