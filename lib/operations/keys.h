// API keys: list, create, revoke, rotate.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/tenancy.h"
#include "operations/deployment.h"

namespace gateway::operations {

inline constexpr std::size_t kMaxKeyName = 128;
using KeyRandom = std::array<std::uint8_t, 48>;  // from a source that nobody can guess

struct KeyView {
  ApiKey key;
  std::string_view state;               // "active", "revoked" or "expired"
  std::optional<WallTime> last_used{};  // the beginning of the quarter of an hour, or when it was made; absent: never
  MoneySum cost_30d{};                  // of the last kKeyCostDays
};
inline constexpr std::chrono::days kKeyCostDays{30};

// age: by project and age. cost: those that cost most in the last kKeyCostDays first. last_used: the longest unused
// first.
enum class KeyOrder : std::uint8_t { age, cost, last_used };

struct KeyQuery {
  std::optional<std::string> project;
  Page page{};
  KeyOrder order = KeyOrder::age;
  // Only active keys that were not used for so long, nor made meanwhile.
  std::optional<std::chrono::milliseconds> unused_for{};
};

struct KeyList {
  std::vector<KeyView> keys;
  std::size_t all = 0;  // how many there are, on all pages
  std::optional<std::string> next;
};

struct KeyWrite {
  std::string project;
  std::string name;
  std::optional<WallTime> expires;
  const KeyRandom& random;
};

struct KeyRotation {
  std::string id;
  std::optional<std::string> name;  // absent: as the old one
  std::optional<WallTime> expires;  // absent: it lives as long as the old one was to
  std::chrono::milliseconds grace{0};
  const KeyRandom& random;
};

struct NewKey {
  ApiKey key;
  std::string text;  // shown once; only its hash is stored
};

struct RotatedKey {
  NewKey made;
  ApiKey replaced;
  WallTime ends{};  // when the old one does
};

// Not when it is to end: whole seconds, since nobody wants a key's microseconds.
WallTime key_moment(const Deployment& deployment);
// A name that is not too long. Errors: invalid.
Result<void> expect_key_name(std::string_view parameter, std::string_view name);

Result<KeyList> list_keys(const Deployment& deployment, const KeyQuery& query);
Result<NewKey> create_key(const Deployment& deployment, const KeyWrite& request);
// The key as it is then. Errors: not_found.
Result<ApiKey> revoke_key(const Deployment& deployment, const std::string& id);
// Errors: not_found; refused (it has ended).
Result<RotatedKey> rotate_key(const Deployment& deployment, const KeyRotation& request);

}  // namespace gateway::operations
