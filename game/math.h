/* Arithmetic for games that gives the same bits everywhere: on gcc, clang and WebAssembly, at any
 * optimisation level, if built with -ffp-contract=off. Only + − × ÷ and sqrt are used; sin, cos and atan2 of
 * libm differ from machine to machine and are not. A heading is a whole number: 256 make a full turn, 0 looks
 * along +x, 64 along +y. All functions are pure, or change only what they are given. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { MATH_TURN = 256 }; /* headings of a full turn */

/* ---- Dice: PCG-XSH-RR 64/32 by Melissa O'Neill (pcg-random.org, "pcg32"). One state of 64 bits; any value
 * will do as a seed after `dice_seed`. C leaves open which of two dice in one expression falls first: throw
 * them in two statements. */
static inline uint32_t dice_next(uint64_t *dice) {
    uint64_t old = *dice;
    uint32_t mixed = (uint32_t)(((old >> 18) ^ old) >> 27), turn = (uint32_t)(old >> 59);
    *dice = old * 6364136223846793005ull + 1442695040888963407ull;
    return (mixed >> turn) | (mixed << (-turn & 31));
}
static inline uint64_t dice_seed(uint64_t seed) {
    uint64_t dice = seed + 1442695040888963407ull;
    dice_next(&dice);
    return dice;
}
/* A whole number 0 … below − 1; `below` is at least 1. (Unfair by below / 2³².) */
static inline uint32_t dice_below(uint64_t *dice, uint32_t below) {
    return (uint32_t)(((uint64_t)dice_next(dice) * below) >> 32);
}
/* A number within [low, high), in 2²⁴ even steps. */
static inline float dice_between(uint64_t *dice, float low, float high) {
    return low + (float)(dice_next(dice) >> 8) * (1.0f / 16777216.0f) * (high - low);
}

/* ---- Small arithmetic. */
static inline float math_abs(float v) {
    return v < 0 ? -v : v;
}
/* IEEE: correctly rounded everywhere. */
static inline float math_sqrt(float v) {
    return __builtin_sqrtf(v);
}
static inline float math_clamp(float v, float low, float high) {
    return v < low ? low : v > high ? high : v;
}
/* Whole numbers below and nearest (halves upward), for |v| < 2³¹. */
static inline int32_t math_floor(float v) {
    int32_t cut = (int32_t)v;
    return (float)cut > v ? cut - 1 : cut;
}
static inline int32_t math_round(float v) {
    return math_floor(v + 0.5f);
}
/* The nearest whole number as a float (halves to the even one), for |v| < 2²²: so large is what is added that
 * no part of a whole is left. */
static inline float math_nearest(float v) {
    const float large = 12582912; /* 1½ × 2²³ */
    return v + large - large;
}
/* `v` rounded to a whole number of `step`s, as a row's field travels. */
static inline float math_snap(float v, float step) {
    return math_nearest(v / step) * step;
}
static inline float math_length(float x, float y) {
    return math_sqrt(x * x + y * y);
}
/* Whether (x, y) is at most `reach` long. Spares the root. */
static inline bool math_within(float x, float y, float reach) {
    return x * x + y * y <= reach * reach;
}

/* ---- Round worlds: places lie within [0, size). */
static inline float math_wrap(float v, float size) {
    if (v >= 0 && v < size) return v; /* nearly always: spares a division */
    float wrapped = v - (float)math_floor(v / size) * size;
    return wrapped >= size || wrapped < 0 ? 0 : wrapped; /* rounding can reach the seam: it is 0 */
}
/* The short way from one place to the other, within [−size / 2, size / 2]. */
static inline float math_across(float from, float to, float size) {
    float way = to - from;
    return way > size / 2 ? way - size : way < -size / 2 ? way + size : way;
}

/* ---- Headings. */
/* Any whole number as a heading 0 … 255. */
static inline int32_t heading_of(int32_t any) {
    return any & (MATH_TURN - 1);
}
/* The short way from one heading to another: −128 … 127, positive towards +y. */
static inline int32_t heading_across(int32_t from, int32_t to) {
    return ((to - from + 128) & 255) - 128;
}
/* Sine of a heading, exact to 1e-7: the series of sin up to x¹¹, on a quarter turn. */
static inline float heading_sin(int32_t heading) {
    int32_t quarter = heading_across(0, heading); /* −128 … 127, then mirrored into −64 … 64 */
    if (quarter > 64) quarter = 128 - quarter;
    if (quarter < -64) quarter = -128 - quarter;
    float x = (float)quarter * 0.0245436926f /* 2π / 256 */, xx = x * x;
    float tail = 1.0f / 5040 - xx * (1.0f / 362880 - xx * (1.0f / 39916800));
    return x * (1 - xx * (1.0f / 6 - xx * (1.0f / 120 - xx * tail)));
}
static inline float heading_cos(int32_t heading) {
    return heading_sin(heading + 64);
}
/* The heading that looks along (x, y): the nearest of 256; (0, 0) gives 0. Arctangent by the
 * polynomial 4.4.49 of Abramowitz and Stegun, exact to 1e-5 radians. */
static inline int32_t heading_towards(float x, float y) {
    float across = math_abs(x), up = math_abs(y);
    bool steep = up > across;
    float most = steep ? up : across;
    if (!(most > 0)) return 0;
    float t = (steep ? across : up) / most, tt = t * t;
    float tail = 0.1801410f + tt * (-0.0851330f + tt * 0.0208351f);
    float turn = t * (0.9998660f + tt * (-0.3302995f + tt * tail)) * 40.7436654f; /* 256 / 2π */
    if (steep) turn = 64 - turn;
    if (x < 0) turn = 128 - turn;
    return heading_of(math_round(y < 0 ? -turn : turn));
}
