#include "crew_member.hpp"

#include <algorithm>
#include <utility>

namespace coordinator = troupe::role::coordinator;
using troupe::error_code;
using troupe::event_kind;
using troupe::node_kind;

namespace {

/// The work: something that takes a moment.
int primes_below(int limit) {
  int found = 0;
  for (int n = 2; n < limit; ++n) {
    bool prime = true;
    for (int d = 2; d * d <= n && prime; ++d)
      prime = n % d != 0;
    found += prime ? 1 : 0;
  }
  return found;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 8 &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

crew_member::crew_member(caf::actor_config& config, coordinator::actor coordinator,
                         std::string name, int jobs)
    : coordinated_actor(config, std::move(coordinator)), name_(std::move(name)), jobs_(jobs) {}

void crew_member::begin() {
  // Who comes second finds the folders there, and does not mind.
  for (const auto* folder :
       {"/crew", "/crew/members", "/crew/jobs", "/crew/claims", "/crew/results"}) {
    write(node(folder));
  }
  write(node("/crew/members/m-", name_, node_kind::ephemeral, true),
        [this](const coordinator::wrote& reply) {
          entry_ = reply.results.front().path.substr(std::string{"/crew/members/"}.size());
          look_who_leads();
        });
  look_for_work();
  look_who_goes();
}

void crew_member::on_event(const coordinator::event& what) {
  if (what.path == "/crew/dismissed") {
    look_who_goes();
  } else if (what.path.starts_with("/crew/members/")) {
    look_who_leads();
  } else {
    look_for_work();
  }
}

void crew_member::on_lost() { quit(); }

// ------------------------------------------------------------------ leading

/// Each watches only the one before it, so that one end wakes one member and not all.
void crew_member::look_who_leads() {
  read(troupe::get_children_op{"/crew/members", false}, [this](const auto& found) {
    auto names = found.names.to_vector();
    std::sort(names.begin(), names.end());
    const auto own = std::find(names.begin(), names.end(), entry_);
    if (own == names.end()) return;
    if (own == names.begin()) {
      lead();
      return;
    }
    read(troupe::exists_op{"/crew/members/" + *std::prev(own), true}, [this](const auto& before) {
      if (before.error != error_code::ok) look_who_leads();
    });
  });
}

void crew_member::lead() {
  if (std::exchange(leads_, true)) return;
  write(node("/crew/leader", name_, node_kind::ephemeral));
  for (int i = 1; i <= jobs_; ++i)
    write(node("/crew/jobs/" + std::to_string(i * 1000)));
}

// ------------------------------------------------------------------ working

void crew_member::look_for_work() {
  if (working_) return;
  read(troupe::get_children_op{"/crew/claims", true}, [this](const auto& claims) {
    read(troupe::get_children_op{"/crew/results", true}, [this, claims](const auto& results) {
      read(troupe::get_children_op{"/crew/jobs", true}, [=, this](const auto& jobs) {
        std::set<std::string> taken{claims.names.begin(), claims.names.end()};
        taken.insert(results.names.begin(), results.names.end());
        std::vector<std::string> open;
        for (const auto& job : jobs.names.to_vector()) {
          if (is_number(job) && !taken.contains(job)) open.push_back(job);
        }
        claim(std::move(open));
      });
    });
  });
}

void crew_member::claim(std::vector<std::string> open) {
  if (working_ || open.empty()) return;  // an event tells when there is more
  working_ = true;
  // Members begin at different places, so that they seldom want the same.
  const auto job = open[std::hash<std::string>{}(name_) % open.size()];
  write(node("/crew/claims/" + job, name_, node_kind::ephemeral),
        [this, job](const coordinator::wrote& reply) {
          if (reply.results.front().error == error_code::ok) {
            finish(job);
          } else {
            working_ = false;
            look_for_work();
          }
        });
}

/// The result comes and the claim goes at once; a member whose claim is gone meanwhile, because its
/// session is, changes nothing.
void crew_member::finish(const std::string& job) {
  const auto text = std::to_string(primes_below(std::stoi(job))) + " by " + name_;
  write(troupe::multi_op{{troupe::delete_op{"/crew/claims/" + job},
                          node("/crew/results/" + job, text)}},
        [this, job](const coordinator::wrote& reply) {
          // Refused if somebody had finished the job between our look at the lists and our claim.
          if (reply.results.back().error != error_code::ok) {
            write(troupe::delete_op{"/crew/claims/" + job});
          }
          working_ = false;
          look_for_work();
        });
}

// -------------------------------------------------------------------- going

void crew_member::look_who_goes() {
  read(troupe::exists_op{"/crew/dismissed", true});
  read(troupe::get_data_op{"/crew/dismissed", false}, [this](const auto& found) {
    if (found.data.view() == name_) quit();  // the coordinator closes the session
  });
}
