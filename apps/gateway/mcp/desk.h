// What tools share: who calls, what they read from, and how their answers are built.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/mcp/confirm.h"
#include "app/mcp/tool.h"
#include "app/render/json.h"
#include "app/render/table.h"
#include "gateway/config.h"
#include "gateway/store.h"
#include "operations/keys.h"
#include "operations/live.h"
#include "operations/reconciliation.h"
#include "proxy/snapshot.h"

namespace gateway::app::mcp {

// Who may see what: the administration all, a project's key that project alone.
struct Caller {
  bool is_admin = false;
  std::string project{};        // of the key
  std::string admin_name{};     // of the administration's token
  std::optional<ApiKey> key{};  // absent: the administration
  std::string name() const { return is_admin ? "admin " + admin_name : key ? key->id : project; }
};

// How a new key's text reaches a person: never by an answer, which a model reads.
struct KeyDelivery {
  std::function<Result<void>()> check;  // whether it can be delivered, before anything is changed
  // Returns where it can be found, in words.
  std::function<Result<std::string>(const operations::NewKey&)> deliver;
};

struct Sources {
  std::shared_ptr<const Config> config;
  std::string config_path;  // empty: there is no file
  std::string database;
  std::string base_url;  // for clients: "http://127.0.0.1:8080/v1"
  std::function<Catalogues()> catalogues{};
  std::function<WallTime()> now;
  std::function<operations::Live()> live{};                        // empty: no gateway runs here
  std::function<operations::ReconciliationReport()> reconciled{};  // likewise
  std::function<void()> tenants_changed{};                         // likewise: hears of each change of a key
  bool write_keys = false;
  KeyDelivery delivery{};                          // with write_keys
  std::shared_ptr<Confirmations> confirmations{};  // likewise
};

struct Opened {
  std::unique_ptr<Store> store;  // null: there is no database yet
  operations::Deployment deployment;
};

// One call's view of the sources.
class Desk {
 public:
  Desk(const Sources& sources, const Caller& caller) : sources_(sources), caller_(caller), now_(sources.now()) {}

  const Sources& sources() const noexcept { return sources_; }
  const Caller& caller() const noexcept { return caller_; }
  WallTime now() const noexcept { return now_; }
  operations::Live live() const { return sources_.live ? sources_.live() : operations::Live{}; }
  Catalogues catalogues() const { return sources_.catalogues ? sources_.catalogues() : Catalogues{}; }

  void tenants_changed() const {
    if (sources_.tenants_changed) sources_.tenants_changed();
  }

  bool has_store() const;
  Result<Opened> open(bool read_only = true) const;
  // For what the configuration can answer: without a store if there is no database yet.
  Result<Opened> open_if_there() const;
  // Without a store.
  operations::Deployment deployment() const;

  // The argument `project`: a key's own project, whatever is left out. Errors: refused (another one).
  Result<std::optional<std::string>> project_of(const Arguments& arguments) const;
  // The same, where one is needed.
  Result<std::string> one_project_of(const Arguments& arguments) const;

 private:
  const Sources& sources_;
  const Caller& caller_;
  const WallTime now_;
};

// As a tool reports it: without the dashes of a flag.
ToolAnswer failed(const Error& error);

// A list that stops before an answer gets too long.
class Rows {
 public:
  static constexpr std::size_t kMaxBytes = 36'000;  // an answer has them twice, once escaped
  bool has_room(const std::string& json) const { return bytes_ + json.size() <= kMaxBytes || rows_.empty(); }
  void add(std::string json) {
    bytes_ += json.size() + 1;
    rows_.push_back(std::move(json));
  }
  std::size_t size() const noexcept { return rows_.size(); }
  std::string str() const { return json::list(rows_); }

 private:
  std::vector<std::string> rows_;
  std::size_t bytes_ = 0;
};

// The part of a list that `limit` and `cursor` select, where a cursor counts what comes before it.
struct Slice {
  std::size_t from = 0;
  std::size_t limit = 0;
};
Result<Slice> slice_of(const Arguments& arguments);
// Adds what of `all` the slice has, as far as there is room. Returns the cursor of what follows; none: this was the
// end.
std::optional<std::string> add_slice(Rows& rows, const Slice& slice, std::size_t all,
                                     const std::function<std::string(std::size_t)>& json_at);

// The members that every list ends with.
void add_end(json::Object& object, const std::optional<std::string>& next, std::string as_command);
ToolAnswer answered(const json::Object& object);

// One row as a JSON object of its columns.
json::Object object_of(const std::vector<Column>& columns, const std::vector<Cell>& cells);

// The command line that says the same.
class CommandText {
 public:
  explicit CommandText(std::string command) : text_(std::move(command)) {}
  CommandText& flag(std::string_view name, const std::optional<std::string>& value);
  CommandText& word(std::string_view value);
  std::string str() const { return text_; }

 private:
  std::string text_;
};

}  // namespace gateway::app::mcp
