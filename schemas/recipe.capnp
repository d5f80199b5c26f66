@0xb5a9e0c7d1f34826;
# What the interfaces of recipes share (docs/writing-a-recipe.md). Rules of evolution: README.md.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("troupe::api");

# The first parameter of every method that changes something.
struct CallOptions {
  # Given by the client, never twice in a session for different calls, never zero. The same call
  # made again with the same number finds what the first one did, on whatever server.
  requestId @0 :UInt64;
  # How long the call may wait for its turn. Zero: not at all; negative: for ever.
  timeoutMs @1 :Int64;
}
