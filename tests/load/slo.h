/* Objectives: `age_p99<120ms,divergent=0`, held against what a run found out. */
#pragma once
#include "tests/load/values.h"

enum { SLO_MAX = 16 };

struct slo {
    struct objective {
        char name[VALUES_NAME];
        char than[3]; /* <, <=, =, >=, > */
        double bound; /* times in milliseconds */
    } all[SLO_MAX];
    uint32_t count;
};

/* NAME, a comparison, a number and perhaps a unit (us, ms, s, k, M, %); several with commas. False with words
 * in `why`. */
bool slo_read(struct slo *slo, const char *text, char *why, size_t why_size);
/* Whether an objective is met; *found: what the value is, NULL if there is none of that name (never met). */
bool slo_met(const struct objective *objective, const struct values *values, const struct value **found);
