#include "operations/config_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "operations/config_facts.h"

namespace gateway::operations {
namespace {

using FactKey = std::pair<std::string_view, std::string_view>;

struct Facts {
  explicit Facts(const Config& config) : all(facts_of(config)) {
    for (const Fact& fact : all) {
      subjects.insert(fact.subject);
      by_name.emplace(FactKey{fact.subject, fact.name}, &fact);
    }
  }
  const Fact* find(const Fact& other) const {
    const auto found = by_name.find({other.subject, other.name});
    return found == by_name.end() ? nullptr : found->second;
  }

  std::vector<Fact> all;
  std::set<std::string_view> subjects;
  std::map<FactKey, const Fact*> by_name;
};

ConfigDifference difference(const Fact* was, const Fact* now) {
  const Fact& named = now != nullptr ? *now : *was;
  ConfigDifference out{Changed::changed, named.subject, named.name, {}, {}};
  out.secret = !named.secret.empty() || (was != nullptr && !was->secret.empty());
  const auto missing = [](const Fact* fact) {
    return fact == nullptr || (fact->value.empty() && fact->secret.empty());
  };
  if (missing(was)) out.how = Changed::added;
  if (missing(now)) out.how = Changed::removed;
  if (was != nullptr) out.was = was->value;
  if (now != nullptr) out.now = now->value;
  return out;
}

bool equal(const Fact* was, const Fact* now) {
  static const Fact kNothing;
  const Fact& a = was != nullptr ? *was : kNothing;
  const Fact& b = now != nullptr ? *now : kNothing;
  return a.value == b.value && a.secret.equals(b.secret.reveal());
}

}  // namespace

std::vector<ConfigDifference> config_differences(const Config& old_config, const Config& new_config) {
  const Facts was(old_config), now(new_config);
  std::vector<ConfigDifference> out;
  std::string_view told;  // of which all is said already
  const auto whole = [&](Changed how, const std::string& subject) {
    if (told != subject) out.push_back({how, subject, {}, {}, {}});
    told = subject;
  };
  for (const Fact& fact : now.all) {
    if (!was.subjects.contains(fact.subject)) {
      whole(Changed::added, fact.subject);
    } else if (const Fact* before = was.find(fact); !equal(before, &fact)) {
      out.push_back(difference(before, &fact));
    }
  }
  told = {};
  for (const Fact& fact : was.all) {
    if (!now.subjects.contains(fact.subject)) {
      whole(Changed::removed, fact.subject);
    } else if (now.find(fact) == nullptr && !equal(&fact, nullptr)) {
      out.push_back(difference(&fact, nullptr));
    }
  }
  return out;
}

std::string words_of(const ConfigDifference& difference) {
  const std::string subject = difference.subject.empty() ? "" : difference.subject + ": ";
  const bool added = difference.how == Changed::added, removed = difference.how == Changed::removed;
  if (difference.name.empty()) return subject + (added ? "added" : "removed");
  const std::string what = subject + difference.name + ": ";
  if (difference.secret) return what + (added ? "added" : removed ? "removed" : "another one");
  if (added) return fmt::format("{}{} (there was none)", what, difference.now);
  if (removed) return fmt::format("{}none (it was {})", what, difference.was);
  return fmt::format("{}{} (it was {})", what, difference.now, difference.was);
}

}  // namespace gateway::operations
