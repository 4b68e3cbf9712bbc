#include <fmt/format.h>

#include <algorithm>

#include "app/mcp/confirm.h"
#include "app/mcp/tools/tools.h"
#include "app/new_key.h"
#include "app/project_lines.h"
#include "app/render/keys.h"
#include "app/render/project_view.h"
#include "app/values/moments.h"
#include "app/values/queries.h"
#include "base/nearest.h"
#include "operations/keys.h"
#include "operations/projects.h"

namespace gateway::app::mcp {
namespace {

// --- list_projects and list_keys

constexpr Input kProjectsInputs[] = {{"search", Type::text, "A part of the name"}, kLimit, kCursor};
constexpr Output kProjectsOutputs[] = {{"projects", "array"}, kTruncated, kNextCursor, kAsCommand};

ToolAnswer projects_answer(const Desk& desk, const Arguments& given) {
  const auto slice = slice_of(given);
  if (!slice) return failed(slice.error());
  const auto opened = desk.open();
  if (!opened) return failed(opened.error());
  auto found = operations::list_projects(opened->deployment, {.limit = 0});
  if (!found) return failed(found.error());
  const std::string search = given.text("search").value_or("");
  std::erase_if(found->projects, [&](const auto& view) { return view.project.name.find(search) == search.npos; });
  find_lines(found->projects);
  Rows rows;
  const auto next =
      add_slice(rows, *slice, found->projects.size(), [&](std::size_t i) { return project_json(found->projects[i]); });
  json::Object answer;
  answer.add("projects", rows.str());
  add_end(answer, next, "gateway project list --json");
  return answered(answer);
}

constexpr Input kKeysInputs[] = {
    kProject, {"unused_for", Type::text, "Only active keys unused for so long: 30d"}, kLimit, kCursor};
constexpr Output kKeysOutputs[] = {{"keys", "array"}, kTruncated, kNextCursor, kAsCommand};

ToolAnswer keys_answer(const Desk& desk, const Arguments& given) {
  const auto project = desk.project_of(given);
  if (!project) return failed(project.error());
  const auto slice = slice_of(given);
  if (!slice) return failed(slice.error());
  const auto opened = desk.open();
  if (!opened) return failed(opened.error());
  auto query = read_key_query(*project, {}, given.text("unused_for"), "");
  if (!query) return failed(query.error());
  query->page.limit = 0;
  const auto found = operations::list_keys(opened->deployment, *query);
  if (!found) return failed(found.error());
  Rows rows;
  const auto columns = key_columns();
  const auto next = add_slice(rows, *slice, found->keys.size(),
                              [&](std::size_t i) { return object_of(columns, key_cells(found->keys[i])).str(); });
  json::Object answer;
  answer.add("keys", rows.str());
  add_end(answer, next,
          CommandText("gateway key list").flag("project", *project).flag("unused-for", given.text("unused_for")).str() +
              " --json");
  return answered(answer);
}

// --- writes: the first call plans, the second, which repeats it with the token, does it

constexpr Input kConfirm{Arguments::kConfirm, Type::text, "Of the plan: repeat the call with it, to do it"};
constexpr Input kExpires{"expires", Type::text, "90d, 12h or a time"};
constexpr Input kCreateInputs[] = {kProject, {"name", Type::text, "What to call it"}, kExpires, kConfirm};
constexpr Input kKeyId{"id", Type::text, "The key's id", true};
constexpr Input kRotateInputs[] = {
    kKeyId, {"grace", Type::text, "How long the old key stays valid: 1h. Default: not at all"}, kConfirm};
constexpr Input kRevokeInputs[] = {kKeyId, kConfirm};
constexpr Output kWriteOutputs[] = {
    {"done", "boolean"},    {"plan", "string", true},    {"confirm_token", "string", true},
    {"id", "string", true}, {"project", "string", true}, {"claim", "string", true}};

std::string what(const Desk& desk, std::string_view tool, const Arguments& given) {
  return fmt::format("{}\n{}\n{}", tool, desk.caller().name(), given.canonical());
}

// Absent: it is confirmed. Else the plan, or that the token is not good.
std::optional<ToolAnswer> plan_unless_confirmed(const Desk& desk, std::string_view tool, const Arguments& given,
                                                std::string_view plan) {
  Confirmations& confirmations = *desk.sources().confirmations;
  const std::string change = what(desk, tool, given);
  const auto token = given.text(Arguments::kConfirm);
  if (token && confirmations.take(change, *token, desk.now())) return std::nullopt;
  if (token) {
    return failed(
        "confirm_token: expected that of the plan of this very change, not older than 5 minutes and not used yet; "
        "call without it first");
  }
  json::Object answer;
  answer.add("done", json::boolean(false))
      .add("plan", json::text(plan))
      .add("confirm_token", json::text(confirmations.token_for(change, desk.now())));
  return answered(answer);
}

ToolAnswer delivered(const Desk& desk, const operations::NewKey& made, std::string audit) {
  auto where = desk.sources().delivery.deliver(made);
  ToolAnswer answer;
  if (!where) {
    answer = failed(fmt::format("The key {} was made, but could not be delivered: {}. Revoke it and make another one.",
                                made.key.id, where.error().detail));
  } else {
    json::Object object;
    object.add("done", json::boolean(true))
        .add("id", json::text(made.key.id))
        .add("project", json::text(made.key.project))
        .add("claim", json::text(*where));
    answer = answered(object);
  }
  answer.audit = std::move(audit) + " " + made.key.id;
  return answer;
}

ToolAnswer create_answer(const Desk& desk, const Arguments& given) {
  const auto project = desk.one_project_of(given);
  if (!project) return failed(project.error());
  const std::string name = given.text("name").value_or("");
  if (auto good = operations::expect_key_name("name", name); !good) return failed(good.error());
  std::optional<WallTime> expires;
  if (const auto text = given.text("expires")) {
    const auto moment = read_later("expires", *text, std::chrono::floor<std::chrono::seconds>(desk.now()));
    if (!moment) return failed(moment.error());
    expires = *moment;
  }
  if (auto ready = desk.sources().delivery.check(); !ready) return failed(ready.error());
  const auto opened = desk.open(false);
  if (!opened) return failed(opened.error());
  if (const auto known = operations::find_project(opened->deployment, *project); !known) return failed(known.error());
  const std::string plan =
      fmt::format("Make a key{} for project {}{}", name.empty() ? "" : " named " + json::text(name), *project,
                  expires ? ", which ends at " + json::time(*expires) : "");
  if (auto answer = plan_unless_confirmed(desk, "create_key", given, plan)) return std::move(*answer);
  const operations::KeyRandom random = key_random();
  const auto made = operations::create_key(opened->deployment, {*project, name, expires, random});
  if (!made) return failed(made.error());
  desk.tenants_changed();
  return delivered(desk, *made, "key create --project=" + *project);
}

// The key of that id that the caller may change. Errors: not_found, with the nearest.
Result<ApiKey> own_key(const Desk& desk, const Opened& opened, const std::string& id) {
  std::optional<std::string> project;
  if (!desk.caller().is_admin) project = desk.caller().project;
  const auto found = operations::list_keys(opened.deployment, {project, {.limit = 0}});
  if (!found) return found.error();
  std::vector<std::string_view> known;
  for (const operations::KeyView& view : found->keys) {
    if (view.key.id == id) return view.key;
    known.emplace_back(view.key.id);
  }
  const std::string_view near = nearest(id, known);
  return Error{ErrorCode::not_found, fmt::format("id: expected one of list_keys, found '{}'{}", id.substr(0, 64),
                                                 near.empty() ? "" : fmt::format("; did you mean '{}'?", near))};
}

ToolAnswer rotate_answer(const Desk& desk, const Arguments& given) {
  std::chrono::milliseconds grace{0};
  const auto text = given.text("grace");
  if (text) {
    const auto length = read_duration("grace", *text);
    if (!length) return failed(length.error());
    grace = *length;
  }
  if (auto ready = desk.sources().delivery.check(); !ready) return failed(ready.error());
  const auto opened = desk.open(false);
  if (!opened) return failed(opened.error());
  const auto key = own_key(desk, *opened, *given.text("id"));
  if (!key) return failed(key.error());
  const std::string plan = fmt::format("Replace the key {} ({}) of project {} by a new one; the old one ends {}",
                                       key->id, json::text(key->name), key->project, text ? "in " + *text : "at once");
  if (auto answer = plan_unless_confirmed(desk, "rotate_key", given, plan)) return std::move(*answer);
  const operations::KeyRandom random = key_random();
  const auto rotated = operations::rotate_key(opened->deployment, {key->id, {}, {}, grace, random});
  if (!rotated) return failed(rotated.error());
  desk.tenants_changed();
  return delivered(desk, rotated->made, "key rotate " + key->id);
}

ToolAnswer revoke_answer(const Desk& desk, const Arguments& given) {
  const auto opened = desk.open(false);
  if (!opened) return failed(opened.error());
  const auto key = own_key(desk, *opened, *given.text("id"));
  if (!key) return failed(key.error());
  const std::string plan = fmt::format("Revoke the key {} ({}) of project {} at once and for good", key->id,
                                       json::text(key->name), key->project);
  if (auto answer = plan_unless_confirmed(desk, "revoke_key", given, plan)) return std::move(*answer);
  if (const auto revoked = operations::revoke_key(opened->deployment, key->id); !revoked)
    return failed(revoked.error());
  desk.tenants_changed();
  json::Object object;
  object.add("done", json::boolean(true)).add("id", json::text(key->id)).add("project", json::text(key->project));
  ToolAnswer answer = answered(object);
  answer.audit = "key revoke " + key->id;
  return answer;
}

}  // namespace

Tool list_projects(const Desk& desk) {
  return {"list_projects", "Projects",       "All projects with their limits, caps and what they have spent.",
          kProjectsInputs, kProjectsOutputs, [&desk](const Arguments& given) { return projects_answer(desk, given); }};
}

Tool list_keys(const Desk& desk) {
  return {"list_keys", "Keys",       "API keys by id, name and state; never the keys themselves.",
          kKeysInputs, kKeysOutputs, [&desk](const Arguments& given) { return keys_answer(desk, given); }};
}

Tool create_key(const Desk& desk) {
  return {"create_key",
          "Make a key",
          "Without confirm_token: the plan. The key itself goes to a person: `claim` says where.",
          kCreateInputs,
          kWriteOutputs,
          [&desk](const Arguments& given) { return create_answer(desk, given); },
          false,
          false,
          false};
}

Tool rotate_key(const Desk& desk) {
  return {"rotate_key",
          "Replace a key",
          "Without confirm_token: the plan. The old key ends after `grace`.",
          kRotateInputs,
          kWriteOutputs,
          [&desk](const Arguments& given) { return rotate_answer(desk, given); },
          false,
          true,
          false};
}

Tool revoke_key(const Desk& desk) {
  return {"revoke_key",  "Revoke a key", "Without confirm_token: the plan. For good.",
          kRevokeInputs, kWriteOutputs,  [&desk](const Arguments& given) { return revoke_answer(desk, given); },
          false,         true,           true};
}

}  // namespace gateway::app::mcp
