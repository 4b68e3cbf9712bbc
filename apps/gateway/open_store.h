// Opens the store that a configuration or a flag names: the one place that knows which kinds there are.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/config.h"
#include "gateway/log.h"
#include "gateway/result.h"
#include "gateway/store.h"

namespace gateway::app {

struct StoreOptions {
  bool create = true;  // make it if it is not there
  bool read_only = false;
  LogCallback log{};
};

// `url` is "sqlite:FILE" or FILE. Errors: invalid, with the kinds that are supported; else the store's own.
Result<std::unique_ptr<Store>> open_store(const std::string& url, const StoreOptions& options);
bool store_exists(const std::string& url);

// A path on this machine for what belongs to a store, beside a file's own however that was typed.
std::string path_beside_store(const std::string& url, std::string_view suffix);
bool is_same_store(const std::string& one, const std::string& other);

// Where the journals of the processes that serve a store are: `Config::journals`, else beside it.
std::string journal_directory(const Config& config, const std::string& url);
// Makes sure that a directory which the configuration names serves this store alone: replaying the journals of another
// would bill its requests here. Its file `database` names the store that it is of. Errors: refused.
Result<void> claim_journal_directory(const Config& config, const std::string& url);

}  // namespace gateway::app
