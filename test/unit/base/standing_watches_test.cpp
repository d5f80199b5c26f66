#include <catch2/catch.hpp>

#include <troupe/base/standing_watches.hpp>

using namespace troupe;
using paths = std::vector<std::string>;

namespace {

read_result with(error_code error) {
  read_result result;
  result.error = error;
  return result;
}
const read_result found = with(error_code::ok), missing = with(error_code::no_node);

}  // namespace

TEST_CASE("standing watches: what was set is set again, in its own way") {
  standing_watches all;
  all.answered(exists_op{"/there", true}, found);
  all.answered(exists_op{"/not-there", true}, missing);
  all.answered(get_data_op{"/data", true}, found);
  all.answered(get_data_op{"/no-data", true}, missing);  // sets none
  all.answered(get_children_op{"/list", true}, found);
  all.answered(get_data_op{"/quiet", false}, found);
  all.answered(add_watch_op{"/for-ever", watch_mode::persistent}, found);
  all.answered(add_watch_op{"/below", watch_mode::persistent_recursive}, found);
  const auto again = all.again(zxid{7});
  CHECK(again.relative == zxid{7});
  CHECK(again.data == paths{"/data", "/there"});
  CHECK(again.exist == paths{"/not-there"});
  CHECK(again.child == paths{"/list"});
  CHECK(again.persistent == paths{"/for-ever"});
  CHECK(again.persistent_recursive == paths{"/below"});
}

TEST_CASE("standing watches: what has fired is spent, unless it is persistent") {
  standing_watches all;
  all.answered(get_data_op{"/a", true}, found);
  all.answered(get_children_op{"/a", true}, found);
  all.fired(event_kind::node_children_changed, "/a");
  CHECK(all.again({}).child.empty());
  CHECK(all.again({}).data == paths{"/a"});
  all.fired(event_kind::node_data_changed, "/a");
  CHECK(all.empty());
  all.answered(exists_op{"/b", true}, missing);
  all.answered(add_watch_op{"/b", watch_mode::persistent}, found);
  all.fired(event_kind::node_created, "/b");
  CHECK(all.again({}).exist.empty());
  CHECK(all.again({}).persistent == paths{"/b"});
  all.fired(event_kind::node_deleted, "/b");
  CHECK_FALSE(all.empty());
}

TEST_CASE("standing watches: what its client removed is not set again") {
  standing_watches all;
  all.answered(get_data_op{"/a", true}, found);
  all.answered(get_children_op{"/a", true}, found);
  all.answered(remove_watches_op{"/a", watch_selector::data}, found);
  CHECK(all.again({}).data.empty());
  CHECK(all.again({}).child == paths{"/a"});
  all.answered(remove_watches_op{"/a", watch_selector::any}, with(error_code::no_watcher));
  CHECK_FALSE(all.empty());
  all.answered(remove_watches_op{"/a", watch_selector::any}, found);
  CHECK(all.empty());
}
