/* A run for other programs: JSON and CSV. */
#pragma once
#include "tests/load/report.h"

/* One object on standard output, with every value by its name. `fine`: nothing to complain of; `met`: all
 * objectives. */
void export_json(const struct report *report, bool fine, bool met);
/* One line a second, with a head. False: the file could not be written. */
bool export_csv(const struct series *series, const char *path);
