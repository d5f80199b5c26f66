#include "codec/calls_codec.hpp"

#include <troupe/sdk/recipe_codec.hpp>

#include "codec/capnp_bytes.hpp"
#include "codec/job_codec.hpp"
#include "codec/job_reader.hpp"
#include "schemas/scheduler.capnp.h"

namespace scheduler {

using api = wire::Scheduler;
using troupe::sdk::bad_call;
using troupe::sdk::read_params;
using troupe::sdk::recipe_call;

namespace {

template <class Results, class Fill>
troupe::blob results(Fill fill) {
  return troupe::sdk::write_results<Results>([&](auto to, auto&) { fill(to); }).bytes;
}

}  // namespace

std::uint64_t scheduler_interface_id() { return capnp::typeId<api>(); }

job_definition read_define_job(const recipe_call& call) {
  auto job = read_params<api::DefineJobParams>(
      call.params, [](api::DefineJobParams::Reader from) { return job_of(from.getJob()); });
  if (!job) throw bad_call("the job uses a rule or policy that this server does not know");
  return std::move(*job);
}

run_request read_start_run(const recipe_call& call) {
  return read_params<api::StartRunParams>(call.params, [](api::StartRunParams::Reader from) {
    return run_request{string_of(from.getJob()), string_of(from.getKey()),
                       string_of(from.getParameters())};
  });
}

backfill_call read_backfill(const recipe_call& call) {
  return read_params<api::BackfillParams>(call.params, [](api::BackfillParams::Reader from) {
    return backfill_call{string_of(from.getJob()), from.getFromMs(), from.getUntilMs(),
                         from.getAtATime()};
  });
}

control_call read_control(const recipe_call& call) {
  return read_params<api::ControlParams>(call.params, [](api::ControlParams::Reader from) {
    const auto number = static_cast<std::uint16_t>(from.getAction());
    if (number >= actions) throw bad_call("an action that this server does not know");
    return control_call{
        static_cast<action>(number),
        {string_of(from.getJob()), string_of(from.getRun()), string_of(from.getTask())},
        from.getPriority()};
  });
}

pool_call read_set_pool(const recipe_call& call) {
  return read_params<api::SetPoolParams>(call.params, [](api::SetPoolParams::Reader from) {
    return pool_call{string_of(from.getPool()), from.getLimit(), from.getPaused()};
  });
}

std::pair<std::string, std::string> read_describe_run(const recipe_call& call) {
  return read_params<api::DescribeRunParams>(call.params, [](api::DescribeRunParams::Reader from) {
    return std::pair{string_of(from.getJob()), string_of(from.getRun())};
  });
}

std::pair<std::string, std::string> read_register(const recipe_call& call) {
  return read_params<api::RegisterParams>(call.params, [](api::RegisterParams::Reader from) {
    return std::pair{string_of(from.getWorker()), string_of(from.getRecord())};
  });
}

poll_call read_poll(const recipe_call& call) {
  return read_params<api::PollParams>(call.params, [](api::PollParams::Reader from) {
    poll_call poll{string_of(from.getWorker()), {}, from.getCall().getTimeoutMs()};
    for (const auto name : from.getKnown())
      poll.known.push_back(string_of(name));
    return poll;
  });
}

std::pair<std::string, texts> read_report_call(const recipe_call& call) {
  return read_params<api::ReportParams>(call.params, [](api::ReportParams::Reader from) {
    std::pair<std::string, texts> said{string_of(from.getWorker()), {}};
    if (from.getReports().size() > 256) throw bad_call("more than 256 reports in one call");
    for (const auto one : from.getReports())
      said.second.emplace_back(string_of(one.getName()), string_of(one.getText()));
    return said;
  });
}

troupe::blob write_defined(std::uint32_t revision) {
  return results<api::DefineJobResults>([&](auto to) { to.setRevision(revision); });
}

troupe::blob write_started(const run_reply& reply) {
  return results<api::StartRunResults>([&](auto to) {
    to.setRun(text_of(reply.run));
    to.setBegun(reply.begun);
  });
}

troupe::blob write_backfilled() {
  return results<api::BackfillResults>([](auto) { /* nothing to say */ });
}

troupe::blob write_controlled(std::size_t tasks) {
  return results<api::ControlResults>(
      [&](auto to) { to.setTasks(static_cast<std::uint32_t>(tasks)); });
}

troupe::blob write_pool_set() {
  return results<api::SetPoolResults>([](auto) { /* nothing to say */ });
}

troupe::blob write_described(const std::string& text) {
  return results<api::DescribeRunResults>([&](auto to) { to.setText(text_of(text)); });
}

troupe::blob write_registered() {
  return results<api::RegisterResults>([](auto) { /* nothing to say */ });
}

troupe::blob write_polled(const texts& assignments) {
  return results<api::PollResults>([&](auto to) {
    auto list = to.initAssignments(static_cast<unsigned>(assignments.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
      list[i].setName(text_of(assignments[i].first));
      list[i].setText(data_of(assignments[i].second));
    }
  });
}

troupe::blob write_reported(const std::vector<std::optional<hearing>>& answers) {
  return results<api::ReportResults>([&](auto to) {
    auto list = to.initHearings(static_cast<unsigned>(answers.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
      list.set(i, answers[i] ? static_cast<wire::Hearing>(*answers[i])
                             : wire::Hearing::NOT_UNDERSTOOD);
    }
  });
}

}  // namespace scheduler
