/* How a run is told to people: a live line each second, a table at the end. */
#pragma once
#include "tests/load/options.h"
#include "tests/load/series.h"
#include "tests/load/values.h"

struct report {
    const struct options *options;
    const struct figures *figures;
    const struct values *values;
    const struct scraped *server;
    double seconds; /* measured */
    bool terminal;  /* standard error is one */
};

/* One second, on standard error: a line that overwrites the last on a terminal, a plain one elsewhere.
 * `ramp`: how much of it is done, 0 … 1, or above 1 when it is over. */
void report_live(const struct report *report, const double *row, double ramp);
/* The whole run, on standard output. */
void report_table(const struct report *report);
/* Whether all objectives were met; tells those that were not, on standard error. */
bool report_objectives(const struct report *report);
/* What went wrong, in words, on standard error. */
void report_complaints(const struct report *report);
