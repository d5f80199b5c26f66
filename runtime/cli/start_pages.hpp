/// Memory that only the start of a process needs.
#pragma once

namespace troupe::cli {

/// Gives back the pages of programs and libraries that are mapped from their files and cannot be
/// written: the kernel maps sixteen around each that is touched, so most of what has run once, or
/// lies beside it, counts as memory of this process for ever: relocations, symbols, constructors,
/// the reading of options. What is needed again comes back from the page cache, sixteen at a time.
/// Never fails; without it, everything works all the same.
void give_back_start_pages() noexcept;

}  // namespace troupe::cli
