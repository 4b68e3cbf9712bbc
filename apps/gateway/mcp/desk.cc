#include "app/mcp/desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "app/open_store.h"
#include "base/shell_word.h"

namespace gateway::app::mcp {
namespace {

constexpr std::int64_t kUsualLimit = 20;

}  // namespace

bool Desk::has_store() const { return store_exists(sources_.database); }

Result<Opened> Desk::open(bool read_only) const {
  if (!store_exists(sources_.database)) {
    return Error{ErrorCode::not_found,
                 fmt::format("there is no database at {} yet: nothing was recorded; a server makes it when it starts",
                             sources_.database)};
  }
  auto store = open_store(sources_.database, {.create = false, .read_only = read_only});
  if (!store) return std::move(store).error();
  operations::Deployment deployment{*sources_.config, sources_.config_path, sources_.database, store->get(), now_};
  return Opened{std::move(*store), std::move(deployment)};
}

Result<Opened> Desk::open_if_there() const {
  if (!store_exists(sources_.database)) return Opened{nullptr, deployment()};
  return open();
}

operations::Deployment Desk::deployment() const {
  return {*sources_.config, sources_.config_path, sources_.database, nullptr, now_};
}

Result<std::optional<std::string>> Desk::project_of(const Arguments& arguments) const {
  auto given = arguments.text("project");
  if (caller_.is_admin) return given;
  if (given && *given != caller_.project) {
    return Error{ErrorCode::refused, fmt::format("project: expected '{0}', found '{1}': this key belongs to '{0}'",
                                                 caller_.project, *given)};
  }
  return std::optional(caller_.project);
}

Result<std::string> Desk::one_project_of(const Arguments& arguments) const {
  auto project = project_of(arguments);
  if (!project) return std::move(project).error();
  if (*project) return std::move(**project);
  return Error{ErrorCode::invalid, "project: expected a project's name, found nothing; list_projects has them"};
}

ToolAnswer failed(const Error& error) {
  std::string text = error.detail;
  if (text.starts_with("--")) text.erase(0, 2);
  return failed(std::move(text));
}

Result<Slice> slice_of(const Arguments& arguments) {
  Slice slice{0, static_cast<std::size_t>(arguments.whole("limit", kUsualLimit))};
  const auto cursor = arguments.text("cursor");
  if (!cursor) return slice;
  const char* const end = cursor->data() + cursor->size();
  const auto read = std::from_chars(cursor->data(), end, slice.from);
  if (read.ec == std::errc() && read.ptr == end) return slice;
  return Error{ErrorCode::invalid,
               fmt::format("cursor: expected the next_cursor of the answer before, found '{}'", cursor->substr(0, 64))};
}

std::optional<std::string> add_slice(Rows& rows, const Slice& slice, std::size_t all,
                                     const std::function<std::string(std::size_t)>& json_at) {
  for (std::size_t i = slice.from; i < all; ++i) {
    if (rows.size() == slice.limit) return std::to_string(i);
    std::string json = json_at(i);
    if (!rows.has_room(json)) return std::to_string(i);
    rows.add(std::move(json));
  }
  return std::nullopt;
}

void add_end(json::Object& object, const std::optional<std::string>& next, std::string as_command) {
  object.add("truncated", json::boolean(next.has_value())).add("next_cursor", json::optional(next, json::text));
  object.add("as_command", json::text(as_command));
}

ToolAnswer answered(const json::Object& object) {
  ToolAnswer answer;
  answer.structured = object.str();
  return answer;
}

json::Object object_of(const std::vector<Column>& columns, const std::vector<Cell>& cells) {
  json::Object object;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].rare && cells[i].text.empty()) continue;
    object.add(columns[i].name, cells[i].json);
  }
  return object;
}

CommandText& CommandText::flag(std::string_view name, const std::optional<std::string>& value) {
  if (value) text_ += fmt::format(" --{} {}", name, shell_word(*value));
  return *this;
}

CommandText& CommandText::word(std::string_view value) {
  text_ += " " + shell_word(value);
  return *this;
}

}  // namespace gateway::app::mcp
