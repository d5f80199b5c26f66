#include "runtime/plugin/loader.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>

#include "runtime/plugin/gate.hpp"
#include "runtime/plugin/library.hpp"

namespace troupe::plugin {

namespace {

namespace fs = std::filesystem;

/// A path as it may be printed: what would steer a terminal becomes a question mark.
std::string printable(std::string path) {
  const auto steers = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::replace_if(path.begin(), path.end(), steers, '?');
  return path;
}

/// Loads the entries of one deployment one by one.
class loader {
public:
  loader(const std::string& base, const search_path& where, sdk::catalog& types,
         config::report& errors)
      : base_(base), where_(where), types_(types), errors_(errors) {}

  void load(const config::plugin_entry& entry) {
    entry_ = &entry;
    const auto file = entry.is_path
                          ? (fs::path{base_} / entry.what.text).lexically_normal().string()
                          : find(entry.what.text);
    if (file.empty()) return;
    shown_ = printable(file);
    std::error_code failed;
    const auto path = fs::canonical(file, failed).string();
    if (failed) {
      refuse({"there is no plugin " + shown_ + ": " + failed.message(),
              "a path is relative to the deployment file, or to the working directory"});
    } else if (is_new(path)) {
      open(path);
    }
  }

  std::vector<loaded_plugin> take() && { return std::move(loaded_); }

private:
  void refuse(const refusal& why) { errors_.error(entry_->what.where, why.message, why.hint); }

  /// The file of a name, or an empty string after an error.
  std::string find(const std::string& name) {
    if (const auto file = where_.find(name)) return *file;
    const auto meant = sdk::nearest(name, where_.names());
    refusal why;
    why.message = "there is no plugin " + config::quoted(name) + ": no ";
    why.message += printable(file_name_of(name)) + " in " + printable(where_.text());
    why.hint = "--plugin-path DIR and TROUPE_PLUGIN_PATH name more directories, "
               "{ path: FILE } names a file";
    if (!meant.empty()) why.hint = "did you mean " + config::quoted(meant) + "?";
    refuse(why);
    return {};
  }

  /// Two paths to one file would be one library and one plugin; loading it once and saying nothing
  /// would leave a person with a plugin that is not the one they think.
  bool is_new(const std::string& path) {
    for (const auto& other : seen_) {
      std::error_code failed;  // a file that has gone away meanwhile is not the same
      if (!fs::equivalent(path, other, failed)) continue;
      refuse({shown_ + " is named twice", "both are " + printable(other) + "; remove one"});
      return false;
    }
    seen_.push_back(path);
    return true;
  }

  void open(const std::string& path) {
    const auto opened = open_library(path, shown_);
    if (!opened) return refuse(opened.error());
    const auto& info = **opened;
    const auto wrong = examine(info, own_fingerprint(), shown_);
    for (const auto& why : wrong)
      refuse(why);
    if (wrong.empty()) admit({info.name, info.version, info.summary, path}, info);
  }

  /// The constant is sound; what remains is whether the plugin fits beside the others.
  void admit(loaded_plugin plugin, const troupe_plugin_info& info) {
    if (!entry_->is_path && plugin.name != entry_->what.text) {
      return refuse({"the plugin in " + shown_ + " is called " + config::quoted(plugin.name) +
                         ", not " + config::quoted(entry_->what.text),
                     "call the file " + file_name_of(plugin.name) + ", or name it by its path"});
    }
    for (const auto& other : loaded_) {
      if (other.name != plugin.name) continue;
      return refuse({"there are two plugins called " + config::quoted(plugin.name) + ": " +
                         printable(other.path) + " and " + shown_,
                     "remove one of them"});
    }
    if (add_types(plugin, info)) loaded_.push_back(std::move(plugin));
  }

  /// The plugin fills a catalog of its own first, so that one that fails half-way leaves nothing.
  bool add_types(const loaded_plugin& plugin, const troupe_plugin_info& info) {
    sdk::catalog own;
    const auto before = errors_.size();
    try {
      info.register_types(&own);
    } catch (const std::exception& problem) {
      refuse_types(plugin, problem.what());
      return false;
    } catch (...) {
      refuse_types(plugin, "it threw what is no std::exception");
      return false;
    }
    if (own.all().empty()) refuse_types(plugin, "there are none");
    for (const auto* type : own.all())
      check_free(plugin, type->name);
    if (errors_.size() != before) return false;
    for (const auto* type : own.all()) {
      auto copy = *type;
      copy.plugin = plugin.name;
      types_.add(std::move(copy));
    }
    return true;
  }

  void refuse_types(const loaded_plugin& plugin, const std::string& why) {
    refuse(
        {shown_ + " could not add its component types: " + printable(why),
         "this is a mistake in the plugin " + config::quoted(plugin.name) + " " + plugin.version});
  }

  void check_free(const loaded_plugin& plugin, const std::string& type) {
    const auto* taken = types_.find(type);
    if (taken == nullptr) return;
    const bool built_in = taken->plugin.empty();
    refuse({shown_ + " brings the component type " + config::quoted(type) + ", which " +
                (built_in ? "is built in"
                          : "the plugin " + config::quoted(taken->plugin) + " brings too"),
            built_in ? "the type needs another name, such as " + plugin.name + "." +
                           type.substr(type.find('.') + 1)
                     : "use only one of the two"});
  }

  const std::string& base_;
  const search_path& where_;
  sdk::catalog& types_;
  config::report& errors_;
  const config::plugin_entry* entry_ = nullptr;
  std::string shown_;  ///< the current file, for messages
  std::vector<std::string> seen_;
  std::vector<loaded_plugin> loaded_;
};

}  // namespace

std::vector<loaded_plugin> load_plugins(const std::vector<config::plugin_entry>& wanted,
                                        const std::string& base, const search_path& where,
                                        sdk::catalog& types, config::report& errors) {
  loader all{base, where, types, errors};
  for (const auto& entry : wanted)
    all.load(entry);
  return std::move(all).take();
}

}  // namespace troupe::plugin
