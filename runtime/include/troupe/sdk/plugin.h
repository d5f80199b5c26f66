/*
 * What a shared library has to export to be a plugin: one constant, `troupe_plugin`, in plain C.
 * The program reads it before it runs any code of the plugin, and refuses what does not fit.
 * C++ authors include <troupe/sdk/plugin.hpp> instead and write one macro.
 */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** First eight bytes of the constant, as characters. */
#define TROUPE_PLUGIN_MAGIC "TROUPEPL"

/** Version of this struct and of how it is used. A plugin of another version is refused. */
#define TROUPE_PLUGIN_ABI 1U

/**
 * What both sides were compiled with. Each is text for people that must be equal on both sides,
 * because objects of these headers, of CAF and of the standard library cross the border.
 */
struct troupe_plugin_fingerprint {
  const char* sdk;              /**< version and hash of the installed headers */
  const char* caf;              /**< version of the C++ Actor Framework */
  const char* compiler_abi;     /**< architecture and C++ ABI */
  const char* standard_library; /**< name, version, ABI of std::string */
  const char* stdlib_checks;   /**< `_GLIBCXX_DEBUG` and what else changes its containers */
  const char* sanitizers;       /**< `none`, or their names */
};

/**
 * The constant. The first three fields stay where they are in every version. All pointers are to
 * memory of the plugin that is never freed: a plugin is not unloaded.
 */
struct troupe_plugin_info {
  char magic[8];        /**< TROUPE_PLUGIN_MAGIC without its final zero */
  uint32_t abi;         /**< TROUPE_PLUGIN_ABI */
  uint32_t struct_size; /**< sizeof(struct troupe_plugin_info) */
  struct troupe_plugin_fingerprint fingerprint;
  const char* name;    /**< a lower-case letter, then at most 62 of a-z, 0-9, _ and - */
  const char* version; /**< of the plugin, such as "1.2.0" */
  const char* summary; /**< one line for people */
  /**
   * Adds the plugin's component types to a `troupe::sdk::catalog`, which is the argument. Called
   * once per deployment, perhaps of several in one process and on several threads, so it changes
   * nothing else. May throw; then nothing of the plugin is used.
   */
  void (*register_types)(void* catalog);
};

/** Name of the exported constant, for those who look it up. */
#define TROUPE_PLUGIN_SYMBOL "troupe_plugin"

#ifdef __cplusplus
}
#endif
