#include "app/admin/tenant_handlers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/admin/bodies.h"
#include "app/admin/opened.h"
#include "app/new_key.h"
#include "app/project_lines.h"
#include "app/render/json.h"
#include "app/render/keys.h"
#include "app/render/project_view.h"
#include "app/values/moments.h"
#include "app/values/queries.h"
#include "operations/keys.h"
#include "operations/projects.h"

namespace gateway::app {
namespace {

using operations::Id;

Result<Handled> list_projects(const Asked& asked) {
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  auto found = operations::list_projects(opened->deployment, asked.parameters.page());
  if (!found) return found.error();
  find_lines(found->projects);
  JsonList list(project_columns());
  for (const auto& view : found->projects) list.listing().add(project_cells(view), project_json(view));
  return page_of(list.finish(), found->projects.size(), found->all, found->next);
}

Result<Handled> show_project(const Asked& asked) {
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  auto view = operations::show_project(opened->deployment, asked.name);
  if (!view) return view.error();
  if (!asked.only_project) find_lines({&*view, 1});  // where the file lies is nothing for a project's key
  return Handled{project_json(*view)};
}

Result<Handled> write_project(const Asked& asked, std::string& audit) {
  const bool create = asked.operation.id == Id::create_project;
  auto said = read_project_body(asked.body, asked.operation);
  if (!said) return std::move(said).error();
  const std::string name = create ? *said->name : asked.name;
  audit = fmt::format("project {}{}{} {}", create ? "create" : "set", said->words.empty() ? "" : " ",
                      fmt::join(said->words, " "), name);
  const auto opened = open_to_write(asked);
  if (!opened) return opened.error();
  const operations::ProjectWrite request{name, std::move(said->change), asked.if_version};
  const auto view = create ? operations::create_project(opened->deployment, request)
                           : operations::set_project(opened->deployment, request);
  if (!view) return view.error();
  return Handled{project_json(*view)};
}

Handled deleted(std::string_view member, const std::string& name) {
  return {json::Object().add(member, json::text(name)).add("deleted", json::boolean(true)).str()};
}

Result<Handled> delete_project(const Asked& asked, std::string& audit) {
  audit = "project delete " + asked.name;
  const auto opened = open_to_write(asked);
  if (!opened) return opened.error();
  if (auto done = operations::delete_project(opened->deployment, asked.name); !done) return std::move(done).error();
  return deleted("name", asked.name);
}

Result<Handled> list_keys(const Asked& asked) {
  const Parameters& given = asked.parameters;
  auto query = read_key_query(given.get("project"), given.get("order"), given.get("unused_for"), "");
  if (!query) return std::move(query).error();
  query->page = given.page();
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  const auto found = operations::list_keys(opened->deployment, *query);
  if (!found) return found.error();
  JsonList list(key_columns());
  for (const auto& view : found->keys) list.listing().add(key_cells(view));
  return page_of(list.finish(), found->keys.size(), found->all, found->next);
}

// The name and the end of a key to be made, as its body has them.
struct KeyShape {
  std::optional<std::string> name;
  std::optional<WallTime> expires;
};
Result<KeyShape> read_shape(const TextBody& said, WallTime now) {
  KeyShape shape{said.get("name"), std::nullopt};
  if (const auto text = said.get("expires")) {
    const auto moment = read_later("expires", *text, std::chrono::floor<std::chrono::seconds>(now));
    if (!moment) return moment.error();
    shape.expires = *moment;
  }
  if (auto named = operations::expect_key_name("name", shape.name.value_or("")); !named)
    return std::move(named).error();
  return shape;
}

Result<Handled> create_key(const Asked& asked, std::string& audit) {
  const auto said = read_text_body(asked.body, asked.operation);
  if (!said) return said.error();
  audit = fmt::format("key create {}", fmt::join(said->words, " "));
  const auto shape = read_shape(*said, asked.now);
  if (!shape) return shape.error();
  const auto opened = open_to_write(asked);
  if (!opened) return opened.error();
  const operations::KeyRandom random = key_random();
  const auto made = operations::create_key(opened->deployment,
                                           {*said->get("project"), shape->name.value_or(""), shape->expires, random});
  if (!made) return made.error();
  audit += " " + made->key.id;
  return Handled{new_key_object(*made).str()};
}

Result<Handled> rotate_key(const Asked& asked, std::string& audit) {
  const auto said = read_text_body(asked.body, asked.operation);
  if (!said) return said.error();
  audit = fmt::format("key rotate {}{}{}", asked.name, said->words.empty() ? "" : " ", fmt::join(said->words, " "));
  const auto shape = read_shape(*said, asked.now);
  if (!shape) return shape.error();
  std::chrono::milliseconds grace{0};
  if (const auto text = said->get("grace")) {
    const auto length = read_duration("grace", *text);
    if (!length) return length.error();
    grace = *length;
  }
  const auto opened = open_to_write(asked);
  if (!opened) return opened.error();
  const operations::KeyRandom random = key_random();
  const auto rotated =
      operations::rotate_key(opened->deployment, {asked.name, shape->name, shape->expires, grace, random});
  if (!rotated) return rotated.error();
  audit += " " + rotated->made.key.id;
  return Handled{rotated_key_object(*rotated).str()};
}

Result<Handled> revoke_key(const Asked& asked, std::string& audit) {
  audit = "key revoke " + asked.name;
  const auto opened = open_to_write(asked);
  if (!opened) return opened.error();
  if (const auto key = operations::revoke_key(opened->deployment, asked.name); !key) return key.error();
  return deleted("id", asked.name);
}

}  // namespace

std::optional<Result<Handled>> handle_tenants(const Asked& asked, std::string& audit) {
  switch (asked.operation.id) {
    case Id::list_projects:
      return list_projects(asked);
    case Id::create_project:
    case Id::set_project:
      return write_project(asked, audit);
    case Id::show_project:
      return show_project(asked);
    case Id::delete_project:
      return delete_project(asked, audit);
    case Id::list_keys:
      return list_keys(asked);
    case Id::create_key:
      return create_key(asked, audit);
    case Id::rotate_key:
      return rotate_key(asked, audit);
    case Id::revoke_key:
      return revoke_key(asked, audit);
    default:
      return std::nullopt;
  }
}

}  // namespace gateway::app
