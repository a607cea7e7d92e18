/* How a run is told: a live line on a terminal, a table or JSON at the end. */
#pragma once
#include "tests/load/figures.h"
#include "tests/load/options.h"

/* One line on standard error that overwrites the last, if that is a terminal. `last`: as of a second ago. */
void report_live(const struct figures *figures, const struct totals *last, double at_s);
/* The whole run; `seconds` is how long was measured. */
void report_table(const struct figures *figures, const struct options *options, double seconds);
void report_json(const struct figures *figures, const struct options *options, double seconds);
/* What went wrong, in words, on standard error. */
void report_complaints(const struct figures *figures, const struct options *options);
