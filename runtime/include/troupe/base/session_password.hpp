/// Passwords of sessions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <troupe/base/ids.hpp>

namespace troupe {

/// Bytes of a session's password; clients treat them as opaque but rely on the length.
inline constexpr std::size_t session_password_size = 16;

/// The password of a session: the first 16 bytes of HMAC-SHA256(`secret`, id in big-endian order).
/// `secret` is the deployment's replicated key, so every server can check any session.
std::string session_password(std::string_view secret, session_id session);

/// Whether `password` is the session's. The time it takes does not tell how much of it is right.
bool is_session_password(std::string_view secret, session_id session, std::string_view password);

}  // namespace troupe
