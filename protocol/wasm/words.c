/* What the core needs of libc's <string.h>, short instead of fast: the library's own are unrolled, and the
 * browser loads every byte of them. Linked before it. */
#include <stddef.h>
#include <string.h>

size_t strnlen(const char *text, size_t max) {
    size_t length = 0;
    while (length < max && text[length]) length++;
    return length;
}

size_t strlen(const char *text) {
    return strnlen(text, (size_t)-1);
}

void *memchr(const void *bytes, int wanted, size_t size) {
    for (const unsigned char *at = bytes; size; at++, size--)
        if (*at == (unsigned char)wanted) return (void *)(size_t)at;
    return NULL;
}

int memcmp(const void *a, const void *b, size_t size) {
    const unsigned char *x = a, *y = b;
    for (; size; x++, y++, size--)
        if (*x != *y) return *x - *y;
    return 0;
}

int strcmp(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}
