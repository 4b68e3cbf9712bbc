// All operations in one table: what each is called, what it takes, who may run it, and where it is found over HTTP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gateway::operations {

enum class Id : std::uint8_t {
  list_projects,
  create_project,
  show_project,
  set_project,
  delete_project,
  list_keys,
  create_key,
  rotate_key,
  revoke_key,
  usage,
  list_requests,
  show_request,
  stream_requests,
  explain,
  explain_body,
  list_models,
  list_prices,
  list_budgets,
  health,
  list_limits,
  reconcile,
  verify_ledger,
  export_ledger,
  prune_ledger,
  sweep_ledger,
  reprice_ledger,
  show_config,
  show_system,
  reload,
  openapi,
};

enum class Access : std::uint8_t {
  admin,    // reads what concerns all
  project,  // reads what can be narrowed to one project, by its parameter `project`; a question with a body is posted
  write,    // changes something
};
enum class In : std::uint8_t { path, query, body, header };
enum class Type : std::uint8_t {
  text,
  count,
  money,
  moment,
  duration,
  list,
  object,
  cursor,
  document,  // in a body: all of it, as it is
};
enum class Answer : std::uint8_t {
  one,       // {"data": ...}
  list,      // {"data": [...], "next": ..., "note": ...}
  document,  // as it is
  events,    // text/event-stream, without an end
};

struct Parameter {
  std::string_view name;
  In in;
  Type type;
  std::string_view help;
  bool required = false;
  std::string_view expected{};       // of a required one that is missing: "a model's name"
  std::string_view default_value{};  // empty: none
  std::string_view unit{};           // "rows", "USD"; empty: none
  std::string_view choices{};        // "strict|estimate"; empty: any
  bool nullable = false;             // null takes it away
  const Parameter* first_member = nullptr;
  std::size_t member_count = 0;
  bool repeated = false;  // in a query: may be given several times, any of the values is meant
  // Of an object, or of each object of a list; empty: the list is of texts.
  std::span<const Parameter> members() const noexcept { return {first_member, member_count}; }
};

struct OperationInfo {
  Id id;
  std::string_view name;  // as in programs: "list_projects"
  std::string_view summary;
  Access access;
  std::string_view method;
  std::string_view path;  // past /admin/v1/; {name} and {id} match any one segment
  int status;             // of success
  Answer answer;
  std::span<const Parameter> parameters;
};

// In the order of Id.
std::span<const OperationInfo> operations() noexcept;
const OperationInfo& info_of(Id id) noexcept;
// The operation has one of that name.
const Parameter& parameter_of(Id id, std::string_view name) noexcept;

std::string_view to_string(Access access) noexcept;
std::string_view to_string(Type type) noexcept;

}  // namespace gateway::operations
