#include "app/mcp/http/key_lookup.h"

#include <utility>

#include "base/key_text.h"

namespace gateway::app::mcp {

Result<std::optional<ApiKey>> KeyLookup::find(Store& store, std::string_view text, WallTime now) {
  if (!looks_like_key(text)) return std::optional<ApiKey>();
  const auto version = store.tenants_version();
  if (!version) return version.error();
  std::shared_ptr<const KeyRing> ring;
  {
    const std::lock_guard lock(mutex_);
    if (ring_ == nullptr || version_ != *version) {
      auto tenants = store.tenants();
      if (!tenants) return std::move(tenants).error();
      ring_ = std::make_shared<const KeyRing>(std::move(tenants->keys));
      version_ = *version;
    }
    ring = ring_;
  }
  const ApiKey* key = ring->find(key_hash(text), now);
  return key == nullptr ? std::optional<ApiKey>() : std::optional(*key);
}

}  // namespace gateway::app::mcp
