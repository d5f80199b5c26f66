#include <troupe/base/blob.hpp>

#include <cstring>
#include <limits>
#include <new>

#include <troupe/base/check.hpp>

namespace troupe {

blob::blob(std::string_view bytes) {
  TROUPE_CHECK(bytes.size() <= std::numeric_limits<std::uint32_t>::max(),
               "a blob holds less than 4 GiB; every source of bytes has a smaller limit");
  void* memory = ::operator new(sizeof(block) + bytes.size());
  block_ = ::new (memory) block;
  block_->size = static_cast<std::uint32_t>(bytes.size());
  if (!bytes.empty()) std::memcpy(block_->bytes(), bytes.data(), bytes.size());
}

void blob::release() noexcept {
  if (!block_) return;
  if (block_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  block_->~block();
  ::operator delete(block_);
}

}  // namespace troupe
