#include "proxy/catalogue_watch.h"

#include <algorithm>

#include "base/time_text.h"
#include "proxy/core_state.h"
#include "wire/gemini/model_list.h"
#include "wire/openrouter/model_list.h"

namespace gateway {
namespace {

constexpr auto kLook = std::chrono::seconds(1);  // how soon a provider that a reload brought is noticed
constexpr auto kFetchLimit = std::chrono::seconds(30);
constexpr auto kUnpricedRetry = std::chrono::minutes(2);

// 1 s, 2 s, 4 s, ... up to a minute: a start without network heals soon.
Duration after_failures(int failures) { return std::chrono::seconds(std::min(60, 1 << std::min(failures - 1, 6))); }

}  // namespace

Result<std::shared_ptr<const Catalogue>> read_catalogue(const FetchedCatalogue& fetched) {
  auto models = read_model_list(fetched.json);
  if (!models) {
    if (auto google = gemini::read_model_list(fetched.json)) models = std::move(google);
  }
  if (!models) return models.error();
  auto catalogue = std::make_shared<Catalogue>();
  catalogue->models = std::move(*models);
  catalogue->base_url = fetched.base_url;
  // A row has room for 32 bytes: the moment must not be truncated.
  catalogue->version =
      fetched.provider.substr(0, 11) + "@" + rfc3339(std::chrono::floor<std::chrono::seconds>(fetched.fetched));
  catalogue->index();
  return std::shared_ptr<const Catalogue>(std::move(catalogue));
}

void CatalogueWatch::poll() {
  const auto snapshot = core_.snapshot();
  const TimePoint now = timer_.now();
  for (const auto& [name, provider] : snapshot->providers) {
    if (name != provider->config.name) continue;  // another key of one
    const auto every = provider->config.catalogue_every;
    const bool with_prices = provider->config.type == ProviderType::openrouter;
    if (every.count() <= 0 || provider->simulated || (!with_prices && !snapshot->shows_list_of(*provider))) continue;
    Watched& watched = watched_[name];
    if (watched.fetch != nullptr) continue;
    if (watched.base_url != provider->config.base_url) watched = {.fetch = {}, .base_url = provider->config.base_url};
    if (now < watched.next) continue;
    watched.fetch = std::make_unique<Fetch>(
        timer_, upstream_, provider, provider->models_path, kFetchLimit,
        [this, provider = provider](const Result<Fetch::Answer>& answer) { take(*provider, answer); });
  }
  timer_.arm(alarm_, now + kLook);
}

void CatalogueWatch::take(const Provider& provider, const Result<Fetch::Answer>& answer) {
  const std::string& name = provider.config.name;
  Watched& watched = watched_[name];
  const bool with_prices = provider.config.type == ProviderType::openrouter;
  std::string trouble;
  if (!answer) {
    trouble = answer.error().detail;
  } else if (answer->status != 200) {
    trouble = "status " + std::to_string(answer->status);
  } else {
    const FetchedCatalogue fetched{.provider = name,
                                   .json = std::string(answer->body),
                                   .fetched = timer_.wall(),
                                   .base_url = provider.config.base_url};
    if (auto catalogue = read_catalogue(fetched); !catalogue) {
      trouble = catalogue.error().detail;
    } else {
      core_.set_catalogue(name, std::move(*catalogue));
      if (with_prices) core_.tell(fetched);
    }
  }
  if (trouble.empty()) {
    watched.failures = 0;
    watched.next = timer_.now() + provider.config.catalogue_every;
  } else {
    ++watched.failures;
    // Without prices only GET /v1/models is the poorer: some servers have no list at all.
    watched.next = timer_.now() + (with_prices ? after_failures(watched.failures) : Duration(kUnpricedRetry));
    if (with_prices || watched.failures == 1) {
      core_.log(with_prices ? LogLevel::warning : LogLevel::info,
                name + ": its model list could not be fetched, the last one stays: " + trouble);
    }
  }
  watched.fetch.reset();
}

}  // namespace gateway
