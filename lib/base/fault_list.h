// How faults of a configuration are found and worded.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/config_check.h"

namespace gateway {

inline constexpr std::int64_t kMaxWhole = 1'000'000'000'000;
inline constexpr std::int64_t kMaxBytes = std::int64_t{1} << 40;

// A URL with a user or a query may hold a password or a key: no message shows it.
inline bool may_hold_secret(std::string_view value) {
  return value.find("://") != std::string_view::npos && value.find_first_of("@?") != std::string_view::npos;
}
inline constexpr std::string_view kHiddenUrl = "a URL that is not shown, since it may hold a secret";

// The faults of one part of a configuration. `name` is how messages call it: "target 1 of model 'fast'".
class FaultList {
 public:
  FaultList(std::vector<ConfigFault>& faults, std::vector<std::string> path, std::string name)
      : faults_(faults), path_(std::move(path)), name_(std::move(name)) {}

  FaultList part(std::vector<std::string> steps, std::string name) const {
    std::vector<std::string> path = path_;
    path.insert(path.end(), steps.begin(), steps.end());
    return {faults_, std::move(path), std::move(name)};
  }
  const std::string& name() const { return name_; }
  std::string where(std::string_view key) const { return "'" + std::string(key) + "' in " + name_; }

  void add(std::string message) const { faults_.push_back({path_, std::move(message)}); }
  void add(std::string_view key, std::string message) const {
    std::vector<std::string> path = path_;
    path.emplace_back(key);
    faults_.push_back({std::move(path), std::move(message)});
  }
  void unexpected(std::string_view key, std::string_view expected, std::string_view found) const {
    add(key, where(key) + ": expected " + std::string(expected) + ", found " +
                 (may_hold_secret(found) ? std::string(kHiddenUrl) : "'" + std::string(found) + "'"));
  }
  void whole(std::string_view key, std::int64_t value, std::int64_t least, std::int64_t most) const {
    if (value >= least && value <= most) return;
    const std::string range = most == kMaxWhole ? "of at least " + std::to_string(least)
                                                : "from " + std::to_string(least) + " to " + std::to_string(most);
    unexpected(key, "a whole number " + range, std::to_string(value));
  }
  void whole(std::string_view key, const std::optional<std::int64_t>& value, std::int64_t least,
             std::int64_t most) const {
    if (value) whole(key, *value, least, most);
  }
  void bytes(std::string_view key, std::int64_t value, std::int64_t least) const {
    if (value >= least && value <= kMaxBytes) return;
    unexpected(key, "a size such as 32KiB or 32MiB, at least " + std::to_string(least) + " bytes",
               std::to_string(value));
  }
  void duration(std::string_view key, std::chrono::milliseconds value, std::chrono::milliseconds least) const {
    if (value >= least && value <= std::chrono::days(3650)) return;
    const std::string bound = least.count() > 0 ? ", at least " + std::to_string(least.count()) + "ms" : "";
    unexpected(key, "a duration such as 250ms, 2s, 10m or 1h" + bound, std::to_string(value.count()) + "ms");
  }

 private:
  std::vector<ConfigFault>& faults_;
  std::vector<std::string> path_;
  std::string name_;
};

// The names of one section, of which each may be there once.
class UniqueNames {
 public:
  void add(const FaultList& faults, const std::string& name) {
    if (!seen_.insert(name).second) faults.add("the key '" + name + "' is given twice");
  }

 private:
  std::set<std::string> seen_;
};

}  // namespace gateway
