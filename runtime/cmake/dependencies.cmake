# Everything comes from Debian 12; nothing is downloaded. `./dev setup` installs it.

set(CMAKE_THREAD_PREFER_PTHREAD ON)
find_package(Threads REQUIRED)
find_package(CAF 0.17.6 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(zstd REQUIRED)
find_package(absl REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(prometheus-cpp REQUIRED) # only its core: HTTP is KJ's here
find_package(PkgConfig REQUIRED)
# Cap'n Proto's own CMake config fails in a project without the C language.
pkg_check_modules(CAPNP REQUIRED IMPORTED_TARGET capnp-rpc>=0.9 kj-http>=0.9 kj-tls>=0.9)
find_program(CAPNP_EXECUTABLE capnp REQUIRED)
find_program(CAPNPC_CXX_EXECUTABLE capnpc-c++ REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)

add_library(troupe_dependencies INTERFACE)
target_link_libraries(
  troupe_dependencies
  INTERFACE CAF::core
            PkgConfig::CAPNP
            OpenSSL::Crypto
            yaml-cpp
            spdlog::spdlog
            CLI11::CLI11
            zstd::libzstd_shared
            nlohmann_json::nlohmann_json
            prometheus-cpp::core
            absl::flat_hash_map absl::flat_hash_set absl::btree absl::hash absl::strings
            PkgConfig::XXHASH
            Threads::Threads)
