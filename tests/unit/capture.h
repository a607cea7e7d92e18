/* Catches what a piece of code writes to standard output or error, in a file without a name. */
#pragma once
#include <stdio.h>
#include <unistd.h>

struct capture {
    int fd, kept;
    FILE *file;
};

static inline struct capture capture_begin(int fd) {
    struct capture capture = {.fd = fd};
    fflush(NULL);
    capture.file = tmpfile();
    capture.kept = dup(fd);
    dup2(fileno(capture.file), fd);
    return capture;
}

/* Gives the descriptor back and the text, with its end, at most `size` − 1 bytes. */
static inline size_t capture_end(struct capture *capture, char *into, size_t size) {
    fflush(NULL);
    dup2(capture->kept, capture->fd);
    close(capture->kept);
    rewind(capture->file);
    size_t length = fread(into, 1, size - 1, capture->file);
    into[length] = 0;
    fclose(capture->file);
    return length;
}
