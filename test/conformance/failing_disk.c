/* Preloaded into the server, so that its disk fails as real disks do; see test_failing_disk.py.
 *
 * FAILING_SYNC=N: the Nth fdatasync of a log file in this process reports EIO, and what was
 * written before it is gone from the file. As with a real kernel the next one succeeds.
 *
 * FULL_WHILE=PATH: while PATH exists, a write that would make its file longer finds no space.
 *
 * SLOW_WHILE=PATH: while PATH exists, an fdatasync of a log file takes SLOW_SYNC_MS longer.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef ssize_t (*write_function)(int, const void*, size_t, off_t);
typedef int (*sync_function)(int);

/* The server writes and syncs a batch on one thread, so this is what the sync is for. */
static _Thread_local struct {
  int fd;
  off_t offset;
  size_t length;
} last_write = {-1, 0, 0};

static void* original(const char* name) {
  void* found = dlsym(RTLD_NEXT, name);
  if (!found) abort();
  return found;
}

static int is_log_file(int fd) {
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path);
  return length > 4 && memcmp(path + length - 4, ".log", 4) == 0;
}

static int finds_space(int fd, size_t length, off_t offset) {
  const char* full = getenv("FULL_WHILE");
  struct stat facts;
  if (!full || access(full, F_OK) != 0) return 1;
  return fstat(fd, &facts) == 0 && offset + (off_t)length <= facts.st_size;
}

ssize_t pwrite(int fd, const void* bytes, size_t length, off_t offset) {
  if (!finds_space(fd, length, offset)) {
    errno = ENOSPC;
    return -1;
  }
  const ssize_t written = ((write_function)original("pwrite"))(fd, bytes, length, offset);
  if (written > 0) {
    last_write.fd = fd;
    last_write.offset = offset;
    last_write.length = (size_t)written;
  }
  return written;
}

ssize_t pwrite64(int fd, const void* bytes, size_t length, off64_t offset) {
  return pwrite(fd, bytes, length, offset);
}

static void drop_last_write(int fd) {
  if (last_write.fd != fd) return;
  void* nothing = calloc(1, last_write.length);
  if (!nothing) abort();
  if (((write_function)original("pwrite"))(fd, nothing, last_write.length, last_write.offset) < 0)
    abort();
  free(nothing);
}

static void wait_as_slow_disks_do(int fd) {
  const char* slow = getenv("SLOW_WHILE");
  const char* longer_ms = getenv("SLOW_SYNC_MS");
  if (slow && longer_ms && is_log_file(fd) && access(slow, F_OK) == 0)
    poll(NULL, 0, atoi(longer_ms));
}

int fdatasync(int fd) {
  static atomic_int calls;
  const char* failing = getenv("FAILING_SYNC");
  if (failing && is_log_file(fd) && atomic_fetch_add(&calls, 1) + 1 == atoi(failing)) {
    drop_last_write(fd);
    errno = EIO;
    return -1;
  }
  wait_as_slow_disks_do(fd);
  return ((sync_function)original("fdatasync"))(fd);
}
