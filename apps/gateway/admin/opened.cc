#include "app/admin/opened.h"

#include <fmt/format.h>

#include "app/open_store.h"

namespace gateway::app {
namespace {

Result<std::shared_ptr<Store>> open_alone(const AdminApi::Options& options, bool read_only) {
  auto store = open_store(options.database, {.create = false, .read_only = read_only});
  if (!store) return std::move(store).error();
  return std::shared_ptr<Store>(std::move(*store));
}

}  // namespace

Result<std::shared_ptr<Store>> open_to_read(const AdminApi::Options& options) {
  return options.idle_stores != nullptr ? options.idle_stores->borrow() : open_alone(options, true);
}

Result<Opened> open_for(const Asked& asked, bool read_only) {
  auto store = read_only ? open_to_read(asked.options) : open_alone(asked.options, false);
  if (!store) return std::move(store).error();
  const operations::Deployment deployment{
      *asked.options.config, asked.options.config_path, asked.options.database, store->get(), asked.now,
      asked.options.readings};
  return Opened{std::move(*store), deployment};
}

Catalogues catalogues_of(const Asked& asked) {
  return asked.options.catalogues ? asked.options.catalogues() : Catalogues{};
}

std::string JsonList::finish() {
  listing_.end();
  std::string text = std::move(text_).str();
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string JsonLines::take() {
  std::string text = std::move(text_).str();
  text_.str({});
  return text;
}

Handled page_of(std::string data, std::size_t shown, std::size_t all, std::optional<std::string> next) {
  std::string note = next ? fmt::format("{} of {} shown; cursor continues with next", shown, all) : std::string();
  return {std::move(data), std::move(next), std::move(note)};
}

}  // namespace gateway::app
