#include "app/cli/completion.h"

#include <algorithm>
#include <ostream>
#include <set>
#include <sstream>

#include "app/cli/database.h"
#include "app/render/row_fields.h"
#include "app/render/usage_fields.h"
#include "operations/keys.h"
#include "operations/usage.h"

namespace gateway::app {
namespace {

// The command that is being typed, and what was given to it so far.
struct Typed {
  const CommandInfo* command;
  const FlagInfo* flag = nullptr;  // that the last word is the value of
  std::size_t arguments = 0;
  std::set<std::string> used;
  DatabaseFlags database;
};

Typed read_words(const CommandInfo& root, const std::vector<std::string>& words) {
  Typed typed{.command = &root, .used = {}, .database = {}};
  const FlagInfo* open = nullptr;  // a flag whose value comes next
  std::string open_name;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    const auto keep = [&typed](const std::string& name, const std::string& value) {
      if (name == "-c" || name == "--config") typed.database.config = value;
      if (name == "--database") typed.database.database = value;
    };
    if (open != nullptr) {
      keep(open_name, word);
      open = nullptr;
      continue;
    }
    if (word.starts_with('-')) {
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(0, equals);
      typed.used.insert(name);
      if (equals != std::string::npos) keep(name, word.substr(equals + 1));
      const FlagInfo* flag = typed.command->flag(name);
      if (flag == nullptr || !flag->takes_value || flag->is_value_optional || equals != std::string::npos) continue;
      open = flag;
      open_name = name;
    } else if (const CommandInfo* next = typed.command->command(word); next != nullptr) {
      typed.command = next;
    } else {
      ++typed.arguments;
    }
  }
  typed.flag = open;
  return typed;
}

void add_texts(std::vector<Candidate>& into, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) into.push_back({text});
}

// What of the ledger's last thirty days has that name, the most expensive first.
void add_used(std::vector<Candidate>& into, Store& store, UsageKey key, WallTime now) {
  UsageQuery query;
  query.by = {key};
  query.since = now - std::chrono::days(30);
  auto sums = store.usage(query);
  if (!sums) return;
  std::stable_sort(sums->begin(), sums->end(), [](const UsageSum& a, const UsageSum& b) { return a.cost > b.cost; });
  for (const UsageSum& sum : *sums) {
    const bool is_known =
        std::any_of(into.begin(), into.end(), [&sum](const Candidate& each) { return each.text == sum.key[0]; });
    if (!sum.key[0].empty() && !is_known) into.push_back({sum.key[0]});
  }
}

enum class Kind : std::uint8_t { none, project, key, model, provider };

Kind kind_of(const CommandInfo& command, const FlagInfo& flag) {
  const std::string& name = flag.names.front();
  if (name == "--project" || (flag.is_argument && command.name.starts_with("gateway project "))) return Kind::project;
  if (name == "--key" || (flag.is_argument && command.name.starts_with("gateway key "))) return Kind::key;
  if (name == "--model") return Kind::model;
  if (name == "--provider") return Kind::provider;
  return Kind::none;
}

std::vector<Candidate> stored_values(Kind kind, const DatabaseFlags& flags, Session& session) {
  std::vector<Candidate> found;
  const auto opened = open_deployment(flags, Need::read_if_there, session);
  if (!opened) return found;
  const operations::Deployment on = opened->deployment();
  if (kind == Kind::project) {
    const auto projects = operations::all_projects(on);
    for (std::size_t i = 0; projects && i < projects->size(); ++i) found.push_back({(*projects)[i].name});
  } else if (kind == Kind::key) {
    const auto keys = operations::list_keys(on, {.project = {}, .page = {.limit = 0}});
    for (std::size_t i = 0; keys && i < keys->keys.size(); ++i) {
      const ApiKey& key = keys->keys[i].key;
      found.push_back({key.id, key.project + (key.name.empty() ? "" : ", " + key.name)});
    }
  } else if (kind == Kind::model) {
    for (const RouteConfig& route : on.config.routes) {
      if (route.pattern.find('*') == std::string::npos) found.push_back({route.pattern});
    }
    if (on.store != nullptr) add_used(found, *on.store, UsageKey::model, on.now);
  } else if (kind == Kind::provider) {
    for (const ProviderConfig& provider : on.config.providers) found.push_back({provider.name});
    if (on.store != nullptr) add_used(found, *on.store, UsageKey::provider, on.now);
  }
  return found;
}

bool is_file(const FlagInfo& flag) { return flag.type.find("FILE") != std::string::npos || flag.type == "DATABASE"; }

// The values of lists whose items are separated by commas: the items that are there stay.
std::vector<Candidate> list_values(const CommandInfo& command, const FlagInfo& flag) {
  std::vector<Candidate> found;
  const std::string& name = flag.names.front();
  if (name == "--by") {
    for (const operations::UsageKeyName& key : operations::kUsageKeys) found.push_back({std::string(key.name)});
    found.push_back({"none"});
  } else if (name == "--columns") {
    const bool of_rows = command.word() == "requests" || command.word() == "export";
    const std::vector<Column> columns = of_rows                     ? row_columns()
                                        : command.word() == "usage" ? usage_columns({})
                                                                    : std::vector<Column>();
    for (const Column& column : columns) found.push_back({column.name});
  }
  return found;
}

Completion values_of(const Typed& typed, const FlagInfo& flag, const std::string& begun, Session& session) {
  Completion completion;
  if (is_file(flag)) {
    completion.files = true;
    return completion;
  }
  add_texts(completion.candidates, flag.choices);
  if (flag.names.front() == "--state")
    add_texts(completion.candidates, {"open", "settled", "failed", "interrupted", "adjustment"});
  if (const Kind kind = kind_of(*typed.command, flag); kind != Kind::none)
    completion.candidates = stored_values(kind, typed.database, session);
  if (flag.type == "WHEN" || flag.type == "LENGTH") add_texts(completion.candidates, {"1h", "24h", "7d", "30d"});
  if (flag.type == "LIST") {
    const std::size_t comma = begun.rfind(',');
    const std::string before = comma == std::string::npos ? "" : begun.substr(0, comma + 1);
    for (const Candidate& each : list_values(*typed.command, flag))
      completion.candidates.push_back({before + each.text});
  }
  return completion;
}

void keep_begun(std::vector<Candidate>& candidates, std::string_view begun) {
  std::erase_if(candidates, [begun](const Candidate& each) { return !each.text.starts_with(begun); });
}

}  // namespace

Completion complete(const CommandInfo& root, const std::vector<std::string>& words, Session& session) {
  std::ostringstream unheard;  // a shell that completes has no place for errors
  Session quiet{.out = unheard, .err = unheard, .environment = session.environment, .now = session.now};
  const std::string begun = words.empty() ? "" : words.back();
  const Typed typed = read_words(root, words);
  Completion completion;
  const std::size_t equals = begun.starts_with("--") ? begun.find('=') : std::string::npos;
  if (typed.flag != nullptr) {
    completion = values_of(typed, *typed.flag, begun, quiet);
  } else if (equals != std::string::npos) {
    const FlagInfo* flag = typed.command->flag(begun.substr(0, equals));
    if (flag == nullptr || !flag->takes_value) return completion;
    completion = values_of(typed, *flag, begun.substr(equals + 1), quiet);
    completion.files = false;  // the shell would complete the entire word
    for (Candidate& each : completion.candidates) each.text.insert(0, begun, 0, equals + 1);
  } else if (begun.starts_with('-')) {
    for (const FlagInfo& flag : typed.command->flags) {
      for (const std::string& name : flag.names) {
        if (!flag.is_argument && !typed.used.contains(name)) completion.candidates.push_back({name, flag.help});
      }
    }
  } else {
    for (const CommandInfo& command : typed.command->commands)
      completion.candidates.push_back({command.word(), command.description});
    std::size_t position = 0;
    for (const FlagInfo& flag : typed.command->flags) {
      if (!flag.is_argument || position++ != typed.arguments) continue;
      completion = values_of(typed, flag, begun, quiet);
    }
  }
  keep_begun(completion.candidates, begun);
  return completion;
}

void print_completion(const Completion& completion, Session& session) {
  if (completion.files) session.out << ":files\n";
  for (const Candidate& each : completion.candidates) {
    session.out << printable(each.text);
    if (!each.help.empty()) session.out << '\t' << printable(each.help);
    session.out << '\n';
  }
}

}  // namespace gateway::app
