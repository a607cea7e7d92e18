/* Tells the operator of values out of the ranges in a game's tables, which travel clipped: a mistake of its
 * author's that stops the tests of the game, and not those who play. */
#pragma once
#include "protocol/shape.h"

/* Counts these fields of a row or record, by their bits (row_quantise), and has a line for each. */
void clipped_tell(const char *game, const struct shape *shape, const void *plain, uint32_t fields);
