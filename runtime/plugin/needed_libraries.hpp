/// What a shared library needs, read from its file without loading it.
#pragma once

#include <istream>
#include <string>
#include <vector>

namespace troupe::plugin {

/// The libraries that an ELF file of this machine's kind names as needed (DT_NEEDED), in its order;
/// as far as the file is sound, so nothing for a file of another kind. Reads a bounded part of it.
std::vector<std::string> needed_libraries(std::istream& file);

}  // namespace troupe::plugin
