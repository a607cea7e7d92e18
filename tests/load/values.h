/* Everything that a run found out, as numbers with names: one list for the table, for JSON, and for
 * objectives. */
#pragma once
#include "tests/load/figures.h"
#include "tests/load/scrape.h"

enum { VALUES_MAX = 160, VALUES_NAME = 40 };

struct values {
    struct value {
        char name[VALUES_NAME]; /* ends in its unit, if it has one: age_p99_ms */
        double number;
    } all[VALUES_MAX];
    uint32_t count;
};
struct values_run { /* what the figures alone do not say */
    uint32_t clients, checked;
    double seconds;                 /* measured */
    double own_cores, waited_cores; /* that this process took meanwhile, and was kept waiting for: near 1
                                       together, and it was the limit itself */
};

void values_collect(struct values *values, const struct figures *figures, const struct scraped *server,
                    const struct values_run *run);
/* NULL: there is none of that name. A unit may be left out: age_p99. */
const struct value *values_find(const struct values *values, const char *name);
