#include "codec/record_codec.hpp"

#include <schemas/scheduler.capnp.h>

#include "codec/amounts.hpp"
#include "codec/capnp_bytes.hpp"

namespace scheduler {

namespace {

/// Lets a reader fill `to`, and tells whether all was well.
template <class Root, class Fill>
bool read_into(std::string_view bytes, Fill fill) {
  return decoded<Root>(bytes,
                       [&](typename Root::Reader root) -> std::optional<bool> {
                         if (!fill(root)) return std::nullopt;
                         return true;
                       })
      .has_value();
}

}  // namespace

troupe::blob encode(const job_record& record) {
  return encoded<wire::JobRecord>([&](wire::JobRecord::Builder root) {
    root.setRevision(record.revision);
    root.setPaused(record.paused);
  });
}

bool decode(std::string_view bytes, job_record& to) {
  return read_into<wire::JobRecord>(bytes, [&](wire::JobRecord::Reader root) {
    to = {root.getRevision(), root.getPaused()};
    return true;
  });
}

troupe::blob encode(const trigger_record& record) {
  return encoded<wire::TriggerRecord>([&](wire::TriggerRecord::Builder root) {
    root.setLast(record.last);
    root.setNext(record.next);
    put_texts(root.initActive(static_cast<unsigned>(record.active.size())), record.active);
    auto queued = root.initQueued(static_cast<unsigned>(record.queued.size()));
    for (unsigned i = 0; i < queued.size(); ++i)
      queued.set(i, record.queued[i]);
    root.setBackfillFrom(record.backfill_from);
    root.setBackfillUntil(record.backfill_until);
    root.setBackfillActive(record.backfill_active);
    root.setTimer(text_of(record.timer));
  });
}

bool decode(std::string_view bytes, trigger_record& to) {
  return read_into<wire::TriggerRecord>(bytes, [&](wire::TriggerRecord::Reader root) {
    to = {};
    to.last = root.getLast();
    to.next = root.getNext();
    for (const auto one : root.getActive())
      to.active.push_back(string_of(one));
    for (const auto one : root.getQueued())
      to.queued.push_back(one);
    to.backfill_from = root.getBackfillFrom();
    to.backfill_until = root.getBackfillUntil();
    to.backfill_active = root.getBackfillActive();
    to.timer = string_of(root.getTimer());
    return true;
  });
}

troupe::blob encode(const run_record& record) {
  return encoded<wire::RunRecord>([&](wire::RunRecord::Builder root) {
    root.setRevision(record.revision);
    root.setDue(record.due);
    root.setBegun(record.begun);
    root.setEnded(record.ended);
    root.setState(static_cast<std::uint8_t>(record.state));
    root.setCause(static_cast<std::uint8_t>(record.cause));
    root.setTasks(record.tasks);
    root.setOver(record.over);
    root.setFailed(record.failed);
    root.setCancelled(record.cancelled);
  });
}

bool decode(std::string_view bytes, run_record& to) {
  return read_into<wire::RunRecord>(bytes, [&](wire::RunRecord::Reader root) {
    to.revision = root.getRevision();
    to.due = root.getDue();
    to.begun = root.getBegun();
    to.ended = root.getEnded();
    to.tasks = root.getTasks();
    to.over = root.getOver();
    to.failed = root.getFailed();
    to.cancelled = root.getCancelled();
    return read_enum(root.getState(), 4, to.state) && read_enum(root.getCause(), 3, to.cause);
  });
}

troupe::blob encode(const holding_record& record) {
  return encoded<wire::HoldingRecord>([&](wire::HoldingRecord::Builder root) {
    root.setSession(record.session);
    root.setGone(record.gone);
    root.setTasks(record.tasks);
    root.setLoad(record.load);
    put_amounts(record.used, root.initUsed(static_cast<unsigned>(record.used.size())));
    put_texts(root.initApart(static_cast<unsigned>(record.apart.size())), record.apart);
  });
}

bool decode(std::string_view bytes, holding_record& to) {
  return read_into<wire::HoldingRecord>(bytes, [&](wire::HoldingRecord::Reader root) {
    to = {root.getSession(),
          root.getGone(),
          root.getTasks(),
          root.getLoad(),
          amounts_of(root.getUsed()),
          {}};
    for (const auto one : root.getApart())
      to.apart.push_back(string_of(one));
    return true;
  });
}

troupe::blob encode(const pool_record& record) {
  return encoded<wire::PoolRecord>([&](wire::PoolRecord::Builder root) {
    root.setLimit(record.limit);
    root.setUsed(record.used);
    root.setPaused(record.paused);
  });
}

bool decode(std::string_view bytes, pool_record& to) {
  return read_into<wire::PoolRecord>(bytes, [&](wire::PoolRecord::Reader root) {
    to = {root.getLimit(), root.getUsed(), root.getPaused()};
    return true;
  });
}

namespace {

void put(const attempt_record& one, wire::Attempt::Builder to) {
  to.setNumber(one.number);
  to.setFence(one.fence);
  to.setWorker(text_of(one.worker));
  to.setAssigned(one.assigned);
  to.setStarted(one.started);
  to.setEnded(one.ended);
  to.setWhy(static_cast<std::uint8_t>(one.why));
  to.setError(text_of(one.error));
  to.setExplanation(text_of(one.explanation));
}

bool read(wire::Attempt::Reader from, attempt_record& to) {
  to.number = from.getNumber();
  to.fence = from.getFence();
  to.worker = string_of(from.getWorker());
  to.assigned = from.getAssigned();
  to.started = from.getStarted();
  to.ended = from.getEnded();
  to.error = string_of(from.getError());
  to.explanation = string_of(from.getExplanation());
  return read_enum(from.getWhy(), reasons, to.why);
}

}  // namespace

troupe::blob encode(const task_record& record) {
  return encoded<wire::TaskRecord>([&](wire::TaskRecord::Builder root) {
    root.setState(static_cast<std::uint8_t>(record.state));
    root.setWhy(static_cast<std::uint8_t>(record.why));
    root.setDefinition(record.definition);
    root.setAttempt(record.attempt);
    root.setLosses(record.losses);
    root.setForgiven(record.forgiven);
    root.setFence(record.fence);
    root.setPriority(record.priority);
    root.setFirstReady(record.first_ready);
    root.setReady(record.ready);
    root.setUntil(record.until);
    root.setHeartbeat(record.heartbeat);
    root.setBefore(static_cast<std::uint8_t>(record.before));
    root.setUpstream(record.upstream.total);
    root.setSucceeded(record.upstream.succeeded);
    root.setFailed(record.upstream.failed);
    root.setSkipped(record.upstream.skipped);
    root.setItems(record.items);
    root.setExpanded(record.expanded);
    root.setItem(data_of(record.item));
    root.setProgress(data_of(record.progress));
    root.setResult(data_of(record.result));
    root.setPlace(text_of(record.place));
    root.setTimer(text_of(record.timer));
    auto attempts = root.initAttempts(static_cast<unsigned>(record.attempts.size()));
    for (unsigned i = 0; i < attempts.size(); ++i)
      put(record.attempts[i], attempts[i]);
  });
}

bool decode(std::string_view bytes, task_record& to) {
  return read_into<wire::TaskRecord>(bytes, [&](wire::TaskRecord::Reader root) {
    to = {};
    to.definition = root.getDefinition();
    to.attempt = root.getAttempt();
    to.losses = root.getLosses();
    to.forgiven = root.getForgiven();
    to.fence = root.getFence();
    to.priority = root.getPriority();
    to.first_ready = root.getFirstReady();
    to.ready = root.getReady();
    to.until = root.getUntil();
    to.heartbeat = root.getHeartbeat();
    to.upstream = {root.getUpstream(), root.getSucceeded(), root.getFailed(), root.getSkipped()};
    to.items = root.getItems();
    to.expanded = root.getExpanded();
    to.item = string_of(root.getItem());
    to.progress = string_of(root.getProgress());
    to.result = string_of(root.getResult());
    to.place = string_of(root.getPlace());
    to.timer = string_of(root.getTimer());
    for (const auto one : root.getAttempts())
      if (!read(one, to.attempts.emplace_back())) return false;
    // Somebody holds it, or nobody does: whoever looks at who it is must find one.
    return read_enum(root.getState(), task_states, to.state) &&
           read_enum(root.getWhy(), reasons, to.why) &&
           read_enum(root.getBefore(), task_states, to.before) &&
           !(is_held(to.state) && to.attempts.empty());
  });
}

}  // namespace scheduler
