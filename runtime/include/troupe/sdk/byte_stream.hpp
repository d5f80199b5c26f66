/// A connection without promises: for components that serve many connections and feel each one.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <kj/async-io.h>

#include <troupe/sdk/ports.hpp>

namespace troupe::sdk {

/// Whom a stream tells that trying again is worth it. Called from the event loop, never from inside
/// a call to the stream. A stream must not be destroyed from inside these calls.
class byte_stream_events {
public:
  /// Bytes, the end or an error can be read.
  virtual void readable() = 0;
  /// A write that had to wait can go on.
  virtual void writable() = 0;

protected:
  ~byte_stream_events() = default;
};

/// One end of a connection. Calls do what can be done at once and never block; what cannot be done
/// now is announced to the stream's `byte_stream_events`. Use and destroy it on its reactor's
/// thread.
class byte_stream {
public:
  virtual ~byte_stream() = default;

  enum class status {
    done,    ///< `bytes` were read or written, at least one
    wait,    ///< nothing for now
    end,     ///< read only: the peer sends nothing more
    broken,  ///< the connection is lost; `error` says why
  };
  struct outcome {
    status what = status::wait;
    std::size_t bytes = 0;
  };

  /// Whether a read is worth a try. False after a read that took all there was, until `readable`.
  [[nodiscard]] virtual bool may_read() const noexcept = 0;
  virtual outcome read(std::span<char> to) = 0;
  /// Writes some of `bytes`. After `wait`, the next call must begin with the same bytes.
  virtual outcome write(std::string_view bytes) = 0;
  /// The own side has written everything. False if the peer is gone already.
  virtual bool end_output() = 0;
  [[nodiscard]] virtual std::string error() const = 0;
};

/// Makes streams out of connections of the operating system. A port of the reactor.
class direct_streams {
public:
  virtual ~direct_streams() = default;
  /// Null if the connection is none of the operating system's; then it is left as it was.
  virtual std::unique_ptr<byte_stream> adopt(kj::Own<kj::AsyncIoStream>& connection,
                                             byte_stream_events& events) = 0;
};

/// A stream over any connection: a direct one where the reactor can make one, else, as in the
/// simulator, one that keeps a promise and a buffer for each direction. `events` outlives it.
std::unique_ptr<byte_stream> make_byte_stream(const ports& ports,
                                              kj::Own<kj::AsyncIoStream> connection,
                                              byte_stream_events& events);

}  // namespace troupe::sdk
