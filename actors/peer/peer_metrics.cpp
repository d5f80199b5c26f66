#include "actors/peer/peer_metrics.hpp"

#include <utility>

namespace troupe::peer {

peer_metrics::peer_metrics(std::shared_ptr<sdk::metrics> all) : all_(std::move(all)) {
  messages_in_ = all_->counter("troupe_peer_messages_received_total",
                               "Messages from other servers, all channels.");
  messages_out_ =
      all_->counter("troupe_peer_messages_sent_total", "Messages to other servers, all channels.");
  bytes_in_ = all_->counter("troupe_peer_received_bytes_total", "Bytes from other servers.");
  bytes_out_ = all_->counter("troupe_peer_sent_bytes_total", "Bytes to other servers.");
  links_lost_ = all_->counter("troupe_peer_links_lost_total", "Links that were up and ended.");
  refusals_ = all_->counter("troupe_peer_refusals_total",
                            "Greetings that ended without a link: wrong secret, id, version, or "
                            "strangers.");
  dials_failed_ =
      all_->counter("troupe_peer_dials_failed_total", "Attempts to reach a server that failed.");
  accepts_failed_ =
      all_->counter("troupe_peer_accepts_failed_total", "Connections that could not be accepted.");
  links_ = all_->gauge("troupe_peer_links", "Links that are up, one per server and channel.");
  unsent_bytes_ =
      all_->gauge("troupe_peer_unsent_bytes", "Bytes that other servers have not taken yet.");
  untaken_bytes_ = all_->gauge("troupe_peer_untaken_bytes",
                               "Bytes of messages that this server has received and not taken.");
}

void peer_metrics::publish(const link_counters& counted, std::size_t links,
                           std::size_t unsent_bytes, std::size_t untaken_bytes) {
  messages_in_.advance_to(counted.messages_in);
  messages_out_.advance_to(counted.messages_out);
  bytes_in_.advance_to(counted.bytes_in);
  bytes_out_.advance_to(counted.bytes_out);
  links_lost_.advance_to(counted.links_lost);
  refusals_.advance_to(counted.refusals);
  dials_failed_.advance_to(counted.dials_failed);
  accepts_failed_.advance_to(counted.accepts_failed);
  links_.set(static_cast<std::uint64_t>(links));
  unsent_bytes_.set(static_cast<std::uint64_t>(unsent_bytes));
  untaken_bytes_.set(static_cast<std::uint64_t>(untaken_bytes));
}

}  // namespace troupe::peer
