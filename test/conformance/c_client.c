/* The unmodified C client library against a server: synchronous and asynchronous calls, watches,
 * multi, auth, sessions. Prints one line per check that fails and exits with 1 when any did.
 *
 *     c_client HOST:PORT
 */

#include "c_client_support.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char* hosts;

static zhandle_t* join(struct inbox* session, const clientid_t* id, int timeout_ms)
{
  inbox_open(session);
  zhandle_t* zk = zookeeper_init(hosts, on_session, timeout_ms, id, session, 0);
  if (!zk) {
    printf("Bail out! zookeeper_init failed\n");
    exit(2);
  }
  return zk;
}

static zhandle_t* join_and_wait(struct inbox* session, int timeout_ms)
{
  zhandle_t* zk = join(session, NULL, timeout_ms);
  if (!inbox_wait_state(session, ZOO_CONNECTED_STATE)) {
    printf("Bail out! no connection to %s\n", hosts);
    exit(2);
  }
  return zk;
}

/* ---- Synchronous calls ---------------------------------------------------------------------- */

static void test_sync(zhandle_t* zk)
{
  char path[path_size];
  char data[64];
  int length = sizeof data;
  struct Stat stat;
  struct Stat again;
  CHECK_CODE(zoo_create(zk, "/c", "one", 3, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path), ZOK);
  CHECK(strcmp(path, "/c") == 0);
  CHECK_CODE(zoo_create(zk, "/c", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZNODEEXISTS);
  CHECK_CODE(zoo_create(zk, "/c/x/y", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZNONODE);
  CHECK_CODE(zoo_get(zk, "/c", 0, data, &length, &stat), ZOK);
  CHECK(length == 3 && memcmp(data, "one", 3) == 0);
  CHECK(stat.version == 0 && stat.dataLength == 3 && stat.czxid == stat.mzxid);
  CHECK_CODE(zoo_set2(zk, "/c", "two", 3, 0, &again), ZOK);
  CHECK(again.version == 1 && again.czxid == stat.czxid && again.mzxid > stat.mzxid);
  CHECK_CODE(zoo_set(zk, "/c", "x", 1, 0), ZBADVERSION);
  CHECK_CODE(zoo_set(zk, "/c", NULL, -1, 1), ZOK);
  length = sizeof data;
  CHECK_CODE(zoo_get(zk, "/c", 0, data, &length, NULL), ZOK);
  CHECK(length == -1);
  CHECK_CODE(zoo_exists(zk, "/none", 0, &stat), ZNONODE);
  CHECK_CODE(zoo_exists(zk, "/c", 0, &stat), ZOK);
  CHECK_CODE(zoo_create(zk, "/c/k", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
  CHECK_CODE(zoo_delete(zk, "/c", -1), ZNOTEMPTY);
  struct String_vector children = { 0, NULL };
  CHECK_CODE(zoo_get_children(zk, "/c", 0, &children), ZOK);
  CHECK(children.count == 1 && strcmp(children.data[0], "k") == 0);
  deallocate_String_vector(&children);
  CHECK_CODE(zoo_get_children2(zk, "/c", 0, &children, &stat), ZOK);
  CHECK(children.count == 1 && stat.numChildren == 1 && stat.cversion == 1);
  deallocate_String_vector(&children);
  CHECK_CODE(zoo_delete(zk, "/c/k", 5), ZBADVERSION);
  CHECK_CODE(zoo_delete(zk, "/c/k", 0), ZOK);
}

static void test_create_modes(zhandle_t* zk)
{
  char path[path_size];
  struct Stat stat;
  CHECK_CODE(zoo_create2(zk, "/c/two", "ab", 2, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path, &stat),
             ZOK);
  CHECK(strcmp(path, "/c/two") == 0 && stat.dataLength == 2 && stat.version == 0);
  CHECK_CODE(zoo_create(zk, "/c/s-", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_SEQUENTIAL, path,
                        sizeof path),
             ZOK);
  CHECK(strcmp(path, "/c/s-0000000002") == 0);
  CHECK_CODE(zoo_create2(zk, "/c/e-", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL_SEQUENTIAL, path,
                         sizeof path, &stat),
             ZOK);
  CHECK(strcmp(path, "/c/e-0000000003") == 0);
  CHECK(stat.ephemeralOwner == zoo_client_id(zk)->client_id);
  CHECK_CODE(zoo_create(zk, "/c/e-0000000003/x", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0),
             ZNOCHILDRENFOREPHEMERALS);
  CHECK_CODE(zoo_create(zk, "/c/box", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_CONTAINER, path,
                        sizeof path),
             ZOK);
  CHECK_CODE(zoo_create2(zk, "/c/box2", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_CONTAINER, path,
                         sizeof path, &stat),
             ZOK);
  CHECK(stat.ephemeralOwner == 0);
  CHECK_CODE(zoo_create_ttl(zk, "/c/ttl", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_WITH_TTL,
                            1000000, path, sizeof path),
             ZOK);
  CHECK_CODE(zoo_create2_ttl(zk, "/c/ttl-", "", 0, &ZOO_OPEN_ACL_UNSAFE,
                             ZOO_PERSISTENT_SEQUENTIAL_WITH_TTL, 1000000, path, sizeof path,
                             &stat),
             ZOK);
  CHECK(strcmp(path, "/c/ttl-0000000007") == 0 && stat.ephemeralOwner == 0);
}

static void test_acl_and_auth(zhandle_t* zk, zhandle_t* other)
{
  struct ACL_vector acl;
  struct Stat stat;
  struct inbox done;
  char data[8];
  int length = sizeof data;
  inbox_open(&done);
  CHECK_CODE(zoo_create(zk, "/c/mine", "m", 1, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0), ZINVALIDACL);
  CHECK_CODE(zoo_add_auth(zk, "digest", "user:pass", 9, on_void, &done), ZOK);
  CHECK(inbox_wait(&done, 1) && done.code == ZOK);
  CHECK_CODE(zoo_create(zk, "/c/mine", "m", 1, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0), ZOK);
  CHECK_CODE(zoo_get(other, "/c/mine", 0, data, &length, NULL), ZNOAUTH);
  CHECK_CODE(zoo_get_acl(zk, "/c/mine", &acl, &stat), ZOK);
  CHECK(acl.count == 1 && strcmp(acl.data[0].id.scheme, "digest") == 0);
  CHECK(strcmp(acl.data[0].id.id, "user:smGaoVKd/cQkjm7b88GyorAUz20=") == 0);
  deallocate_ACL_vector(&acl);
  CHECK_CODE(zoo_set_acl(zk, "/c/mine", 3, &ZOO_READ_ACL_UNSAFE), ZBADVERSION);
  CHECK_CODE(zoo_set_acl(zk, "/c/mine", 0, &ZOO_READ_ACL_UNSAFE), ZOK);
  length = sizeof data;
  CHECK_CODE(zoo_get(other, "/c/mine", 0, data, &length, NULL), ZOK);
  CHECK_CODE(zoo_set(other, "/c/mine", "x", 1, -1), ZNOAUTH);
}

/* ---- multi ---------------------------------------------------------------------------------- */

static void test_multi(zhandle_t* zk)
{
  zoo_op_t ops[6];
  zoo_op_result_t results[6];
  struct Stat stat;
  char one[path_size];
  char two[path_size];
  memset(results, 0, sizeof results);
  zoo_create_op_init(&ops[0], "/c/m", "1", 1, &ZOO_OPEN_ACL_UNSAFE, 0, one, sizeof one);
  zoo_create_op_init(&ops[1], "/c/m/s-", "2", 1, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_SEQUENTIAL,
                     two, sizeof two);
  zoo_set_op_init(&ops[2], "/c/m", "22", 2, 0, &stat);
  zoo_check_op_init(&ops[3], "/c/m", 1);
  zoo_delete_op_init(&ops[4], "/c/m/s-0000000000", 0);
  CHECK_CODE(zoo_multi(zk, 5, ops, results), ZOK);
  CHECK(strcmp(one, "/c/m") == 0 && strcmp(two, "/c/m/s-0000000000") == 0);
  CHECK(stat.version == 1 && stat.dataLength == 2);
  for (int i = 0; i < 5; ++i)
    CHECK(results[i].err == ZOK);
}

static void test_failed_multi(zhandle_t* zk)
{
  zoo_op_t ops[3];
  zoo_op_result_t results[3];
  struct Stat stat;
  struct inbox done;
  for (int bad = 0; bad < 3; ++bad) {
    for (int i = 0; i < 3; ++i) {
      if (i == bad)
        zoo_check_op_init(&ops[i], "/c/m", 77);
      else
        zoo_create_op_init(&ops[i], i == 0 ? "/c/m/a" : "/c/m/b", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0,
                           NULL, 0);
    }
    memset(results, 0, sizeof results);
    CHECK_CODE(zoo_multi(zk, 3, ops, results), ZBADVERSION);
    for (int i = 0; i < 3; ++i)
      CHECK(results[i].err == (i < bad ? ZOK : i == bad ? ZBADVERSION : ZRUNTIMEINCONSISTENCY));
    CHECK_CODE(zoo_exists(zk, "/c/m/a", 0, &stat), ZNONODE);
  }
  inbox_open(&done);
  zoo_create_op_init(&ops[0], "/c/m/a", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0);
  CHECK_CODE(zoo_amulti(zk, 1, ops, results, on_void, &done), ZOK);
  CHECK(inbox_wait(&done, 1) && done.code == ZOK);
  CHECK_CODE(zoo_exists(zk, "/c/m/a", 0, &stat), ZOK);
}

/* ---- Asynchronous calls --------------------------------------------------------------------- */

static void test_async(zhandle_t* zk)
{
  struct inbox in;
  inbox_open(&in);
  CHECK_CODE(zoo_acreate(zk, "/c/a", "v", 1, &ZOO_OPEN_ACL_UNSAFE, 0, on_string, &in), ZOK);
  CHECK(inbox_wait(&in, 1) && in.code == ZOK && strcmp(in.text, "/c/a") == 0);
  CHECK_CODE(zoo_acreate2(zk, "/c/a2", "vv", 2, &ZOO_OPEN_ACL_UNSAFE, 0, on_string_stat, &in),
             ZOK);
  CHECK(inbox_wait(&in, 2) && in.code == ZOK && in.stat.dataLength == 2);
  CHECK_CODE(zoo_aexists(zk, "/c/none", 0, on_stat, &in), ZOK);
  CHECK(inbox_wait(&in, 3) && in.code == ZNONODE);
  CHECK_CODE(zoo_aget(zk, "/c/a", 0, on_data, &in), ZOK);
  CHECK(inbox_wait(&in, 4) && in.code == ZOK && strcmp(in.text, "v") == 0);
  CHECK_CODE(zoo_aset(zk, "/c/a", "new", 3, 0, on_stat, &in), ZOK);
  CHECK(inbox_wait(&in, 5) && in.code == ZOK && in.stat.version == 1);
  CHECK_CODE(zoo_aget_children(zk, "/c/m", 0, on_strings, &in), ZOK);
  CHECK(inbox_wait(&in, 6) && in.code == ZOK && in.type == 1 && strcmp(in.text, "a") == 0);
  CHECK_CODE(zoo_aget_acl(zk, "/c/a", on_acl, &in), ZOK);
  CHECK(inbox_wait(&in, 7) && in.code == ZOK && in.type == 1);
  CHECK_CODE(zoo_aset_acl(zk, "/c/a", -1, (struct ACL_vector*)&ZOO_OPEN_ACL_UNSAFE, on_void, &in),
             ZOK);
  CHECK(inbox_wait(&in, 8) && in.code == ZOK);
  CHECK_CODE(zoo_async(zk, "/c/a", on_string, &in), ZOK);
  CHECK(inbox_wait(&in, 9) && in.code == ZOK && strcmp(in.text, "/c/a") == 0);
  CHECK_CODE(zoo_adelete(zk, "/c/a", 1, on_void, &in), ZOK);
  CHECK(inbox_wait(&in, 10) && in.code == ZOK);
}

static void test_pipeline(zhandle_t* zk)
{
  enum { rounds = 300 };
  struct inbox writes;
  struct inbox reads;
  char value[16];
  inbox_open(&writes);
  inbox_open(&reads);
  for (int i = 0; i < rounds; ++i) {
    int length = snprintf(value, sizeof value, "%d", i);
    CHECK_CODE(zoo_aset(zk, "/c/a2", value, length, i, on_stat, &writes), ZOK);
    CHECK_CODE(zoo_aget(zk, "/c/a2", 0, on_data, &reads), ZOK);
  }
  CHECK(inbox_wait(&writes, rounds) && inbox_wait(&reads, rounds));
  CHECK(writes.code == ZOK && writes.stat.version == rounds);
  CHECK(reads.stat.version == rounds && strcmp(reads.text, "299") == 0);
}

/* ---- Watches -------------------------------------------------------------------------------- */

static void test_watches(zhandle_t* zk, zhandle_t* other)
{
  struct inbox data;
  struct inbox missing;
  struct inbox child;
  struct Stat stat;
  struct String_vector children = { 0, NULL };
  char buffer[8];
  int length = sizeof buffer;
  inbox_open(&data);
  inbox_open(&missing);
  inbox_open(&child);
  CHECK_CODE(zoo_create(zk, "/c/w", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
  CHECK_CODE(zoo_wget(zk, "/c/w", on_event, &data, buffer, &length, &stat), ZOK);
  CHECK_CODE(zoo_wexists(zk, "/c/w/new", on_event, &missing, &stat), ZNONODE);
  CHECK_CODE(zoo_wget_children(zk, "/c/w", on_event, &child, &children), ZOK);
  deallocate_String_vector(&children);
  CHECK_CODE(zoo_set(other, "/c/w", "1", 1, -1), ZOK);
  CHECK_CODE(zoo_create(other, "/c/w/new", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
  CHECK(inbox_wait(&data, 1) && data.type == ZOO_CHANGED_EVENT && !strcmp(data.text, "/c/w"));
  CHECK(inbox_wait(&missing, 1) && missing.type == ZOO_CREATED_EVENT);
  CHECK(inbox_wait(&child, 1) && child.type == ZOO_CHILD_EVENT);
  CHECK(data.state == ZOO_CONNECTED_STATE);
  CHECK_CODE(zoo_set(other, "/c/w", "2", 1, -1), ZOK);
  CHECK_CODE(zoo_wexists(zk, "/c/w/new", on_event, &missing, &stat), ZOK);
  CHECK_CODE(zoo_delete(other, "/c/w/new", -1), ZOK);
  CHECK(inbox_wait(&missing, 2) && missing.type == ZOO_DELETED_EVENT);
  CHECK_CODE(zoo_exists(zk, "/c/w", 0, &stat), ZOK);
  CHECK(inbox_count(&data) == 1 && inbox_count(&child) == 1);
}

static void test_watch_removal(zhandle_t* zk, zhandle_t* other)
{
  struct inbox in;
  struct Stat stat;
  inbox_open(&in);
  CHECK_CODE(zoo_remove_watches(zk, "/c/w", ZWATCHTYPE_DATA, on_event, &in, 0), ZNOWATCHER);
  CHECK_CODE(zoo_wexists(zk, "/c/w", on_event, &in, &stat), ZOK);
  CHECK_CODE(zoo_remove_watches(zk, "/c/w", ZWATCHTYPE_DATA, on_event, &in, 0), ZOK);
  int before = inbox_count(&in);
  CHECK_CODE(zoo_set(other, "/c/w", "3", 1, -1), ZOK);
  CHECK_CODE(zoo_exists(zk, "/c/w", 0, &stat), ZOK);
  CHECK(inbox_count(&in) == before);
  CHECK_CODE(zoo_wexists(zk, "/c/w", on_event, &in, &stat), ZOK);
  CHECK_CODE(zoo_remove_all_watches(zk, "/c/w", ZWATCHTYPE_ANY, 0), ZOK);
}

/* ---- Sessions ------------------------------------------------------------------------------- */

/* The child of abandoned_session: makes the node, tells its session on standard output, and dies. */
static int abandon(int timeout_ms, const char* path)
{
  struct inbox session;
  zhandle_t* zk = join_and_wait(&session, timeout_ms);
  int good = zoo_create(zk, path, "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, NULL, 0) == ZOK;
  const clientid_t* mine = zoo_client_id(zk);
  good = good && write(STDOUT_FILENO, mine, sizeof *mine) == (ssize_t)sizeof *mine;
  _exit(good ? 0 : 1);
}

/* A child process opens a session with an ephemeral and dies without closing it. It runs this
 * program anew: a mere fork would inherit locks that the library's threads hold at this moment. */
static int abandoned_session(int timeout_ms, const char* path, clientid_t* id)
{
  int ends[2];
  char timeout[16];
  snprintf(timeout, sizeof timeout, "%d", timeout_ms);
  if (pipe(ends) != 0)
    return 0;
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execl("/proc/self/exe", "c_client", hosts, path, timeout, (char*)NULL);
    _exit(1);
  }
  close(ends[1]);
  int status = 1;
  int good = read(ends[0], id, sizeof *id) == (ssize_t)sizeof *id;
  close(ends[0]);
  waitpid(child, &status, 0);
  return good && status == 0;
}

static void test_resume(void)
{
  clientid_t id;
  struct inbox session;
  struct Stat stat;
  CHECK(abandoned_session(20000, "/c/kept", &id));
  zhandle_t* zk = join(&session, &id, 20000);
  CHECK(inbox_wait_state(&session, ZOO_CONNECTED_STATE));
  CHECK(zoo_client_id(zk)->client_id == id.client_id);
  CHECK_CODE(zoo_exists(zk, "/c/kept", 0, &stat), ZOK);
  CHECK(stat.ephemeralOwner == id.client_id);
  CHECK_CODE(zookeeper_close(zk), ZOK);
}

static void test_close_and_expiry(zhandle_t* zk)
{
  clientid_t id;
  struct inbox session;
  struct inbox gone;
  struct Stat stat;
  inbox_open(&gone);
  CHECK_CODE(zoo_exists(zk, "/c/kept", 0, &stat), ZNONODE);
  CHECK(abandoned_session(1000, "/c/doomed", &id));
  if (zoo_wexists(zk, "/c/doomed", on_event, &gone, &stat) == ZOK)
    CHECK(inbox_wait(&gone, 1) && gone.type == ZOO_DELETED_EVENT);
  CHECK_CODE(zoo_exists(zk, "/c/doomed", 0, &stat), ZNONODE);
  zhandle_t* late = join(&session, &id, 1000);
  CHECK(inbox_wait_state(&session, ZOO_EXPIRED_SESSION_STATE));
  CHECK(is_unrecoverable(late) == ZINVALIDSTATE);
  zookeeper_close(late);
}

static void test_wrong_password(void)
{
  clientid_t id;
  struct inbox session;
  CHECK(abandoned_session(20000, "/c/guarded", &id));
  id.passwd[3] ^= 1;
  zhandle_t* thief = join(&session, &id, 20000);
  CHECK(inbox_wait_state(&session, ZOO_EXPIRED_SESSION_STATE));
  zookeeper_close(thief);
}

static void test_auth_failure(void)
{
  struct inbox session;
  struct inbox done;
  inbox_open(&done);
  zhandle_t* zk = join_and_wait(&session, 10000);
  CHECK_CODE(zoo_add_auth(zk, "nosuchscheme", "x", 1, on_void, &done), ZOK);
  CHECK(inbox_wait(&done, 1) && done.code == ZAUTHFAILED);
  CHECK(inbox_wait_state(&session, ZOO_AUTH_FAILED_STATE));
  zookeeper_close(zk);
}

int main(int count, char** arguments)
{
  struct inbox session;
  struct inbox other_session;
  if (count != 2 && count != 4) {
    fprintf(stderr, "usage: c_client HOST:PORT\n");
    return 2;
  }
  hosts = arguments[1];
  zoo_set_debug_level((ZooLogLevel)0);
  if (count == 4)
    return abandon(atoi(arguments[3]), arguments[2]);
  zhandle_t* zk = join_and_wait(&session, 10000);
  zhandle_t* other = join_and_wait(&other_session, 10000);
  test_sync(zk);
  test_create_modes(zk);
  test_acl_and_auth(zk, other);
  test_multi(zk);
  test_failed_multi(zk);
  test_async(zk);
  test_pipeline(zk);
  test_watches(zk, other);
  test_watch_removal(zk, other);
  test_resume();
  test_close_and_expiry(zk);
  test_wrong_password();
  test_auth_failure();
  CHECK_CODE(zookeeper_close(other), ZOK);
  CHECK_CODE(zookeeper_close(zk), ZOK);
  printf("%d checks, %d failures\n", checks, failures);
  return failures ? 1 : 0;
}
