/* Checks that count, and callbacks of the C client that can be waited for. */

#pragma once

#define THREADED
#include <zookeeper/zookeeper.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { wait_s = 20, path_size = 256 };

static int checks;
static int failures;

static void check_at(int line, int good, const char* text)
{
  ++checks;
  if (!good) {
    ++failures;
    printf("not ok %d - line %d: %s\n", checks, line, text);
  }
}

static void check_code_at(int line, int code, int expected, const char* text)
{
  char message[512];
  snprintf(message, sizeof message, "%s: got %d (%s), expected %d (%s)", text, code, zerror(code),
           expected, zerror(expected));
  check_at(line, code == expected, message);
}

#define CHECK(condition) check_at(__LINE__, (condition), #condition)
#define CHECK_CODE(call, expected) check_code_at(__LINE__, (call), (expected), #call)

/* ---- Waiting for callbacks ------------------------------------------------------------------ */

/* Counts what callbacks deliver and keeps the last delivery. */
struct inbox {
  pthread_mutex_t guard;
  pthread_cond_t changed;
  int count;
  int type;
  int state;
  int code;
  char text[path_size];
  struct Stat stat;
};

static void inbox_open(struct inbox* in)
{
  memset(in, 0, sizeof *in);
  pthread_mutex_init(&in->guard, NULL);
  pthread_cond_init(&in->changed, NULL);
}

static void inbox_put(struct inbox* in, int type, int state, int code, const char* text,
                      const struct Stat* stat)
{
  pthread_mutex_lock(&in->guard);
  in->type = type;
  in->state = state;
  in->code = code;
  snprintf(in->text, sizeof in->text, "%s", text ? text : "");
  if (stat)
    in->stat = *stat;
  ++in->count;
  pthread_cond_broadcast(&in->changed);
  pthread_mutex_unlock(&in->guard);
}

/* Waits until at least `count` deliveries were made; 0 when the deadline passes. */
static int inbox_wait(struct inbox* in, int count)
{
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += wait_s;
  pthread_mutex_lock(&in->guard);
  int late = 0;
  while (in->count < count && !late)
    late = pthread_cond_timedwait(&in->changed, &in->guard, &end) != 0;
  int good = in->count >= count;
  pthread_mutex_unlock(&in->guard);
  return good;
}

static int inbox_wait_state(struct inbox* in, int state)
{
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += wait_s;
  pthread_mutex_lock(&in->guard);
  int late = 0;
  while (in->state != state && !late)
    late = pthread_cond_timedwait(&in->changed, &in->guard, &end) != 0;
  int good = in->state == state;
  pthread_mutex_unlock(&in->guard);
  return good;
}

static int inbox_count(struct inbox* in)
{
  pthread_mutex_lock(&in->guard);
  int count = in->count;
  pthread_mutex_unlock(&in->guard);
  return count;
}

static void on_event(zhandle_t* zk, int type, int state, const char* path, void* context)
{
  (void)zk;
  if (context)
    inbox_put(context, type, state, 0, path, NULL);
}

static void on_session(zhandle_t* zk, int type, int state, const char* path, void* context)
{
  (void)path;
  (void)context;
  struct inbox* in = (struct inbox*)zoo_get_context(zk);
  if (type == ZOO_SESSION_EVENT && in)
    inbox_put(in, type, state, 0, "", NULL);
}

static void on_void(int code, const void* context)
{
  inbox_put((struct inbox*)context, 0, 0, code, "", NULL);
}

static void on_stat(int code, const struct Stat* stat, const void* context)
{
  inbox_put((struct inbox*)context, 0, 0, code, "", stat);
}

static void on_string(int code, const char* value, const void* context)
{
  inbox_put((struct inbox*)context, 0, 0, code, value, NULL);
}

static void on_string_stat(int code, const char* value, const struct Stat* stat,
                           const void* context)
{
  inbox_put((struct inbox*)context, 0, 0, code, value, stat);
}

static void on_data(int code, const char* value, int length, const struct Stat* stat,
                    const void* context)
{
  char text[path_size];
  snprintf(text, sizeof text, "%.*s", length < 0 ? 0 : length, value ? value : "");
  inbox_put((struct inbox*)context, length, 0, code, text, stat);
}

static void on_strings(int code, const struct String_vector* strings, const void* context)
{
  inbox_put((struct inbox*)context, strings ? strings->count : -1, 0, code,
            strings && strings->count ? strings->data[0] : "", NULL);
}

static void on_acl(int code, struct ACL_vector* acl, struct Stat* stat, const void* context)
{
  inbox_put((struct inbox*)context, acl ? acl->count : -1, 0, code, "", stat);
}
