#include "operations/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/key_life.h"
#include "gateway/api_key.h"

namespace gateway::operations {
namespace {

Error no_key(const Error& error, const std::string& id) {
  if (error.code != ErrorCode::not_found) return error;
  return Error{ErrorCode::not_found, fmt::format("no key with the id '{}'; see 'gateway key list'", id)};
}

Result<ApiKey> find_key(Tenants& stored, const std::string& id) {
  auto tenants = stored.tenants();
  if (!tenants) return std::move(tenants).error();
  for (ApiKey& key : tenants->keys) {
    if (key.id == id) return std::move(key);
  }
  return no_key({ErrorCode::not_found, {}}, id);
}

NewKey make_key(const KeyRandom& random, const std::string& project, const std::string& name, WallTime now,
                std::optional<WallTime> expires) {
  NewApiKey made = make_api_key(random, project, name, now, expires);
  return {std::move(made.stored), std::move(made.text)};
}

using KeySums = std::map<std::string, UsageSum, std::less<>>;

Result<KeySums> sums_by_key(Ledger& ledger, std::optional<WallTime> since) {
  UsageQuery query;
  query.since = since;
  query.by = {UsageKey::key};
  auto sums = ledger.usage(query);
  if (!sums) return std::move(sums).error();
  KeySums by_key;
  for (UsageSum& sum : *sums) {
    std::string id = sum.key.front();
    by_key.emplace(std::move(id), std::move(sum));
  }
  return by_key;
}

// Sums know the quarter of an hour alone, which may have begun before the key was made.
WallTime last_use_of(const ApiKey& key, const UsageSum& sum) { return std::max(sum.last, key.created); }

// All days are summed only if one of the keys was not used lately.
Result<void> add_use(const Deployment& deployment, std::vector<KeyView>& keys) {
  if (deployment.store == nullptr || keys.empty()) return {};
  const auto lately = sums_by_key(*deployment.store, deployment.now - kKeyCostDays);
  if (!lately) return lately.error();
  bool is_complete = true;
  for (KeyView& view : keys) {
    const auto found = lately->find(view.key.id);
    if (found != lately->end() && found->second.last != WallTime{}) {
      view.last_used = last_use_of(view.key, found->second);
      view.cost_30d = found->second.cost;
    } else {
      is_complete = false;
    }
  }
  if (is_complete) return {};
  const auto ever = sums_by_key(*deployment.store, std::nullopt);
  if (!ever) return ever.error();
  for (KeyView& view : keys) {
    const auto found = ever->find(view.key.id);
    if (!view.last_used && found != ever->end() && found->second.last != WallTime{})
      view.last_used = last_use_of(view.key, found->second);
  }
  return {};
}

bool is_unused(const KeyView& view, WallTime since) {
  constexpr std::chrono::minutes kQuarter{15};
  if (view.state != kActiveKey || view.key.created > since) return false;
  return !view.last_used || *view.last_used + kQuarter <= since;
}

void sort(std::vector<KeyView>& keys, KeyOrder order) {
  std::sort(keys.begin(), keys.end(), [](const KeyView& a, const KeyView& b) {
    return std::tie(a.key.project, a.key.created, a.key.id) < std::tie(b.key.project, b.key.created, b.key.id);
  });
  if (order == KeyOrder::cost) {
    std::stable_sort(keys.begin(), keys.end(),
                     [](const KeyView& a, const KeyView& b) { return a.cost_30d > b.cost_30d; });
  } else if (order == KeyOrder::last_used) {
    std::stable_sort(keys.begin(), keys.end(),
                     [](const KeyView& a, const KeyView& b) { return a.last_used < b.last_used; });
  }
}

}  // namespace

WallTime key_moment(const Deployment& deployment) { return std::chrono::floor<std::chrono::seconds>(deployment.now); }

Result<void> expect_key_name(std::string_view parameter, std::string_view name) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(name.begin(), name.end(), is_control)) {
    return Error{ErrorCode::invalid, fmt::format("{}: expected no control characters", parameter)};
  }
  if (name.size() <= kMaxKeyName) return {};
  return Error{ErrorCode::invalid, fmt::format("{}: expected at most {} characters", parameter, kMaxKeyName)};
}

Result<KeyList> list_keys(const Deployment& deployment, const KeyQuery& query) {
  TenantChange tenants;
  if (deployment.store != nullptr) {
    auto read = deployment.store->tenants();
    if (!read) return std::move(read).error();
    tenants = std::move(*read);
  }
  std::erase_if(tenants.keys, [](const ApiKey& key) { return key.project.empty(); });  // the administration's own
  if (query.project) {
    std::erase_if(tenants.keys, [&](const ApiKey& key) { return key.project != *query.project; });
    const auto project = find_project(deployment, *query.project);
    if (!project && tenants.keys.empty()) return project.error();  // the keys of a deleted one stay
  }
  std::vector<KeyView> keys;
  for (ApiKey& key : tenants.keys) {
    const std::string_view state = state_of(key, deployment.now);
    keys.push_back({std::move(key), state});
  }
  if (auto done = add_use(deployment, keys); !done) return std::move(done).error();
  if (query.unused_for) {
    const WallTime since = deployment.now - *query.unused_for;
    std::erase_if(keys, [since](const KeyView& view) { return !is_unused(view, since); });
  }
  sort(keys, query.order);
  KeyList list;
  list.all = keys.size();
  auto from = keys.begin();
  if (const std::string& cursor = query.page.cursor; !cursor.empty()) {
    from = std::find_if(keys.begin(), keys.end(), [&](const KeyView& view) { return view.key.id == cursor; });
    if (from == keys.end()) return unknown_cursor(cursor);
    ++from;
  }
  for (; from != keys.end(); ++from) {
    if (query.page.limit != 0 && list.keys.size() == static_cast<std::size_t>(query.page.limit)) {
      list.next = list.keys.back().key.id;
      break;
    }
    list.keys.push_back(std::move(*from));
  }
  return list;
}

Result<NewKey> create_key(const Deployment& deployment, const KeyWrite& request) {
  const auto store = expect_store(deployment);
  if (!store) return store.error();
  const auto project = find_project(deployment, request.project);
  if (!project) return project.error();
  NewKey made = make_key(request.random, project->name, request.name, key_moment(deployment), request.expires);
  const bool is_stored = project_of_file(deployment, request.project) == nullptr;
  if (auto put = (*store)->put_key(made.key, is_stored); !put) return std::move(put).error();
  return made;
}

Result<ApiKey> revoke_key(const Deployment& deployment, const std::string& id) {
  const auto store = expect_store(deployment);
  if (!store) return store.error();
  const WallTime now = key_moment(deployment);
  auto key = (*store)->end_key(id, now, now);
  if (!key) return no_key(key.error(), id);
  return key;
}

Result<RotatedKey> rotate_key(const Deployment& deployment, const KeyRotation& request) {
  const auto store = expect_store(deployment);
  if (!store) return store.error();
  const WallTime now = key_moment(deployment);
  const auto old = find_key(**store, request.id);
  if (!old) return old.error();
  const auto project = find_project(deployment, old->project);
  if (!project && state_of(*old, now) == kActiveKey) return project.error();
  std::optional<WallTime> expires = request.expires;
  if (!expires && old->expires) expires = now + (*old->expires - old->created);

  NewKey made = make_key(request.random, old->project, request.name.value_or(old->name), now, expires);
  auto ended = (*store)->rotate_key(request.id, made.key, now + request.grace, now);
  if (!ended && ended.error().code == ErrorCode::refused)
    return Error{ErrorCode::refused, ended.error().detail + "; 'gateway key create' makes a new one"};
  if (!ended) return no_key(ended.error(), request.id);
  const WallTime ends = ended->revoked ? *ended->revoked : *ended->expires;
  return RotatedKey{std::move(made), std::move(*ended), ends};
}

}  // namespace gateway::operations
