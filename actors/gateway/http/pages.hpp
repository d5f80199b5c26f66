/// The documents that the gateway makes itself.
#pragma once

#include <string>

#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/overview.hpp>

namespace troupe::http {

/// An answer without its headers.
struct page {
  unsigned status = 200;
  std::string media_type = "application/json";
  std::string body;
};

/// `{"error": text}` with this status.
page error_page(unsigned status, const std::string& text);
/// The standard words for a status.
const char* reason_phrase(unsigned status) noexcept;

/// What there is to ask for.
page index_page();
page metrics_page(std::string text);
/// Composition, components and versions.
page status_page(const role::overview::report& all);

/// What decides about health besides the components.
struct health_facts {
  bool has_broadcast = false;  ///< without one, only the components count
  role::broadcast::serving_changed serving;
  bool stopping = false;
};
/// 200 if reads and writes are served and every needed component works and answers, else 503 with
/// the reason.
page health_page(const role::overview::report& all, const health_facts& facts);
/// 200: whoever can send this lives.
page live_page();

}  // namespace troupe::http
