/// What a plugin includes: everything a component is made from, and the macro that makes a shared
/// library a plugin.
///
///     #include <troupe/sdk/plugin.hpp>
///
///     TROUPE_PLUGIN("lock", "1.0.0", "A fair lock", [](troupe::sdk::catalog& types) {
///       types.add(lock::component_type());
///     })
#pragma once

#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/component_type.hpp>
#include <troupe/sdk/fingerprint.hpp>
#include <troupe/sdk/plugin.h>

/// Exports the constant that the program looks for. Once per library, at namespace scope of the
/// global namespace. `name_text` is what the deployment file calls the plugin: its file is
/// `libtroupe_NAME.so`. The last argument is a function of type `void(troupe::sdk::catalog&)` that
/// adds the component types: a function's name or a lambda without captures. It may throw.
#define TROUPE_PLUGIN(name_text, version_text, summary_text, ...)                                  \
  extern "C" __attribute__((visibility("default"))) const troupe_plugin_info troupe_plugin{        \
      {'T', 'R', 'O', 'U', 'P', 'E', 'P', 'L'},                                                    \
      TROUPE_PLUGIN_ABI,                                                                           \
      sizeof(troupe_plugin_info),                                                                  \
      ::troupe::sdk::fingerprint,                                                                  \
      name_text,                                                                                   \
      version_text,                                                                                \
      summary_text,                                                                                \
      [](void* types) { (__VA_ARGS__)(*static_cast<::troupe::sdk::catalog*>(types)); },            \
  };
