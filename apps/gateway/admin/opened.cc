#include "app/admin/opened.h"

#include <fmt/format.h>

#include "app/open_store.h"

namespace gateway::app {

Result<Opened> open_for(const Asked& asked, bool read_only) {
  auto store = open_store(asked.options.database, {.create = false, .read_only = read_only});
  if (!store) return std::move(store).error();
  const operations::Deployment deployment{*asked.options.config, asked.options.config_path, asked.options.database,
                                          store->get(), asked.now};
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
