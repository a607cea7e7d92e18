/* A run as one HTML file that needs nothing else: what was asked, what came of it, and plots. */
#pragma once
#include "tests/load/report.h"

/* False: the file could not be written. */
bool page_write(const struct report *report, const struct series *series, bool fine, bool met,
                const char *path);
