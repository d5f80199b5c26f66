#include "test/simulation/totals.hpp"

#include <ctime>
#include <iomanip>
#include <iostream>

namespace troupe::test {

void run_totals::print(const std::string& title) const {
  const auto line = [&](const std::string& what) -> std::ostream& {
    return std::cout << title << ": " << what << " = ";
  };
  line("seeds") << seeds << '\n';
  line("simulated hours") << std::fixed << std::setprecision(2)
                          << static_cast<double>(simulated.count()) / 3.6e12 << '\n';
  line("CPU minutes") << static_cast<double>(std::clock()) / CLOCKS_PER_SEC / 60 << '\n';
  for (const auto& [what, count] : counts)
    line(what) << count << '\n';
  std::cout << std::flush;
}

}  // namespace troupe::test
