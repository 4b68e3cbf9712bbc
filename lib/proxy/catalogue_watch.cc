#include "proxy/catalogue_watch.h"

#include <algorithm>

#include "base/time_text.h"
#include "proxy/core_state.h"
#include "wire/model_list.h"

namespace gateway {
namespace {

constexpr auto kLook = std::chrono::seconds(1);  // how soon a provider that a reload brought is noticed
constexpr auto kLimit = std::chrono::seconds(30);

// 1 s, 2 s, 4 s, ... up to a minute: a start without network heals soon.
Duration after_failures(int failures) { return std::chrono::seconds(std::min(60, 1 << std::min(failures - 1, 6))); }

}  // namespace

void CatalogueWatch::look() {
  const auto snapshot = core_.snapshot();
  const TimePoint now = timer_.now();
  for (const auto& [name, provider] : snapshot->providers) {
    const auto every = provider->config.catalogue_every;
    if (provider->config.type != ProviderType::openrouter || every.count() <= 0) continue;
    Watched& watched = watched_[name];
    if (watched.fetch != nullptr || now < watched.next) continue;
    watched.fetch = std::make_unique<Fetch>(
        timer_, upstream_, provider, "/models?output_modalities=all", kLimit,
        [this, name = name, every](const Result<Fetch::Answer>& answer) { take(name, every, answer); });
  }
  timer_.arm(alarm_, now + kLook);
}

void CatalogueWatch::take(const std::string& provider, std::chrono::seconds every,
                          const Result<Fetch::Answer>& answer) {
  Watched& watched = watched_[provider];
  auto catalogue = std::make_shared<Catalogue>();
  std::string trouble;
  if (!answer) {
    trouble = answer.error().detail;
  } else if (answer->status != 200) {
    trouble = "status " + std::to_string(answer->status);
  } else if (auto models = read_model_list(answer->body); !models) {
    trouble = models.error().detail;
  } else {
    catalogue->models = std::move(*models);
  }
  if (trouble.empty()) {
    watched.failures = 0;
    watched.next = timer_.now() + every;
    catalogue->version =
        provider.substr(0, 11) + "@" + rfc3339(std::chrono::floor<std::chrono::seconds>(timer_.wall()));
    catalogue->index();
    core_.set_catalogue(provider, std::move(catalogue));
  } else {
    watched.next = timer_.now() + after_failures(++watched.failures);
    core_.log(LogLevel::warning, provider + ": its model list could not be fetched, the last one stays: " + trouble);
  }
  watched.fetch.reset();
}

}  // namespace gateway
