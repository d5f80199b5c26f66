#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "codec/job_codec.hpp"
#include "codec/record_codec.hpp"
#include "core/text.hpp"

using namespace scheduler;

namespace {

template <class T>
T some() {
  return *rc::gen::arbitrary<T>();
}
/// Text as Cap'n Proto's: no zero byte at the end counts, so none at all.
std::string words() { return *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)); }
template <class Enum>
Enum one_of(int count) {
  return static_cast<Enum>(*rc::gen::inRange(0, count));
}
instant time() { return *rc::gen::inRange<instant>(0, 2'000'000'000'000); }

demand some_demand() {
  demand what;
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    what.needs["r" + std::to_string(i)] = some<std::int64_t>();
    what.labels.push_back(words());
  }
  what.apart = words();
  what.pool = words();
  return what;
}

job_definition some_job() {
  job_definition job;
  job.name = words();
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    task_definition task;
    task.name = words();
    task.payload = some<std::string>();
    task.upstream = {words(), words()};
    task.rule = one_of<dependency_rule>(4);
    task.priority = some<std::int32_t>();
    task.weight = some<std::uint32_t>();
    task.delay = time();
    task.each_of = words();
    task.most_items = some<std::uint32_t>();
    task.needs = some_demand();
    task.retry = {some<std::uint32_t>(),
                  time(),
                  time(),
                  some<std::uint32_t>(),
                  some<std::uint32_t>(),
                  {{words(), some<bool>(), time()}}};
    task.limits = {time(), time(), time(), time()};
    job.tasks.push_back(task);
  }
  job.schedule = words();
  job.zone = words();
  job.repeat_dst = some<bool>();
  job.spread = time();
  job.misfire = {one_of<misfire_policy>(3), some<std::uint32_t>(), time(), time()};
  job.overlap = {one_of<overlap_policy>(4), some<std::uint32_t>(), some<std::uint32_t>()};
  job.grace = time();
  job.cancel_grace = time();
  job.days_kept = some<std::uint32_t>();
  return job;
}

task_record some_task() {
  task_record task;
  task.state = one_of<task_state>(task_states);
  task.why = one_of<reason>(reasons);
  task.definition = some<std::uint32_t>();
  task.attempt = some<std::uint32_t>();
  task.losses = some<std::uint32_t>();
  task.forgiven = some<std::uint32_t>();
  task.fence = some<std::uint64_t>();
  task.priority = some<std::int32_t>();
  task.first_ready = time();
  task.ready = time();
  task.until = time();
  task.heartbeat = time();
  task.before = one_of<task_state>(task_states);
  task.upstream = {some<std::uint32_t>(), some<std::uint32_t>(), some<std::uint32_t>(),
                   some<std::uint32_t>()};
  task.items = some<std::uint32_t>();
  task.expanded = some<bool>();
  task.item = some<std::string>();
  task.progress = some<std::string>();
  task.result = some<std::string>();
  task.place = words();
  task.timer = words();
  task.attempts = {{some<std::uint32_t>(), some<std::uint64_t>(), words(), time(), time(), time(),
                    one_of<reason>(reasons), words(), words()}};
  return task;
}

template <class Record>
void check_round_trip(const Record& record) {
  Record back;
  RC_ASSERT(decode(encode(record).view(), back));
  RC_ASSERT(back == record);
}

TEST_CASE("a task that somebody holds names who", "[codec]") {
  scheduler::task_record task;
  scheduler::task_record back;
  task.state = scheduler::task_state::ready;
  CHECK(decode(encode(task).view(), back));
  for (const auto state : {scheduler::task_state::assigned, scheduler::task_state::running,
                           scheduler::task_state::lost, scheduler::task_state::cancelling}) {
    task.state = state;
    CHECK_FALSE(decode(encode(task).view(), back));
  }
}

TEST_CASE("records are read as they were written", "[codec]") {
  CHECK(rc::check([] {
    const auto job = some_job();
    RC_ASSERT(decode_job(encode(job).view()) == job);
    const class_record kind{words(), some_demand(), some<std::uint32_t>(), words()};
    RC_ASSERT(decode_class(encode(kind).view()) == kind);
    check_round_trip(some_task());
    check_round_trip(job_record{some<std::uint32_t>(), some<bool>()});
    check_round_trip(trigger_record{time(),
                                    time(),
                                    {words()},
                                    {time(), time()},
                                    time(),
                                    time(),
                                    some<std::uint32_t>(),
                                    words()});
    check_round_trip(run_record{some<std::uint32_t>(), time(), time(), time(), one_of<run_state>(4),
                                one_of<run_cause>(3), some<std::uint32_t>(), some<std::uint32_t>(),
                                some<std::uint32_t>(), some<std::uint32_t>()});
    check_round_trip(holding_record{some<std::uint64_t>(),
                                    some<bool>(),
                                    some<std::uint32_t>(),
                                    some<std::int64_t>(),
                                    {{"cpu", 3}},
                                    {words()}});
    check_round_trip(pool_record{some<std::uint32_t>(), some<std::uint32_t>(), some<bool>()});
  }));
}

TEST_CASE("bytes of somebody else never hurt", "[codec]") {
  CHECK(rc::check([] {
    auto bytes = std::string{encode(some_task()).view()};
    for (int i = *rc::gen::inRange(0, 6); i > 0; --i)
      bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] =
          static_cast<char>(*rc::gen::inRange(0, 256));
    bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size() + 1));
    task_record task;
    trigger_record trigger;
    (void)decode(bytes, task);
    (void)decode(bytes, trigger);
    (void)decode_job(bytes);
    (void)decode_class(bytes);
  }));
  task_record task;
  CHECK_FALSE(decode("", task));
  CHECK_FALSE(decode("some text", task));
  CHECK_FALSE(decode_job("12345678"));
}

TEST_CASE("a number that no version of ours has written is refused", "[codec]") {
  task_record task;
  task.state = static_cast<task_state>(task_states);
  task_record back;
  CHECK_FALSE(decode(encode(task).view(), back));
}

TEST_CASE("texts for plain clients are read as they were written", "[codec]") {
  CHECK(rc::check([] {
    assignment_text told;
    told.task = {"job", "k-1", "task~3"};
    told.attempt = some<std::uint32_t>();
    told.fence = some<std::uint64_t>();
    told.cancelled = some<bool>();
    told.limits = {time(), time(), time(), time()};
    told.payload = some<std::string>();
    told.item = some<std::string>();
    RC_ASSERT(*read_assignment(write_assignment(told)) == told);
    report_text said{one_of<report_text::what>(4), some<std::uint32_t>(),
                     some<std::uint64_t>(),        "io",
                     some<std::string>(),          some<std::vector<std::string>>()};
    RC_ASSERT(*read_report(write_report(said)) == said);
    worker_record worker{
        *rc::gen::inRange(0U, 10'001U), 7, {{"cpu", 3}}, {"gpu", "eu"}, some<bool>()};
    RC_ASSERT(*read_worker(write_worker(worker)) == worker);
  }));
}

TEST_CASE("texts as a person would write them", "[codec]") {
  const auto worker =
      read_worker("slots: 4\r\nlabels: gpu, eu\r\nresource-cpu: 8\r\nversion: 2\r\n");
  REQUIRE(worker);
  CHECK(*worker == worker_record{4, 0, {{"cpu", 8}}, {"gpu", "eu"}, false});
  CHECK(read_worker("")->slots == 1);
  const auto report = read_report("state: failed\nattempt: 2\nfence: 9\n\nthe disk\nis full");
  REQUIRE(report);
  CHECK(report->body == "the disk\nis full");
  CHECK(read_report("state: done\n").error().message ==
        "the report's state is \"done\"; it is one of running, succeeded, failed, cancelled");
  CHECK_FALSE(read_report("state: succeeded\nitems: 3,x\n\nabc"));
  CHECK_FALSE(read_report("state: succeeded\nitems: 4\n\nabc"));
  CHECK_FALSE(read_worker("slots: -1"));
  CHECK_FALSE(read_worker("slots: 99999"));
  CHECK_FALSE(read_worker("resource-cpu: many"));
  CHECK_FALSE(read_worker("nonsense"));
  CHECK(rc::check([](const std::string& text) {
    (void)read_worker(text);
    (void)read_report(text);
    (void)read_assignment(text);
  }));
}

TEST_CASE("names of tasks and runs", "[layout]") {
  const task_name name{"nightly", run_of(1'763'787'600'000), "pack~7"};
  CHECK(name.run == "20251122T050000Z");
  CHECK(run_of(1'763'787'600'250) == "20251122T050000_250Z");
  CHECK(day_of(1'763'787'600'000) == "20251122");
  CHECK(entry_of(name) == "nightly.20251122T050000Z.pack~7");
  CHECK(task_of(entry_of(name)) == name);
  for (const char* text : {"", "a.b", "a..b", "a.b.c~", "a.b.c~x", "a.b.c.d", "a b.c.d", "a.k-.d"})
    CHECK_FALSE(task_of(text));
  CHECK(task_of("a.k-7.d"));
  CHECK(layout{"/tasks/eu"}.assignment("w1", name) ==
        "/tasks/eu/inbox/w1/nightly.20251122T050000Z.pack~7");
}

}  // namespace
