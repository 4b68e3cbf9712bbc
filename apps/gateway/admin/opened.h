// What handlers share: the store that a call works on, and lists as JSON.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "app/admin/handlers.h"
#include "app/render/table.h"
#include "gateway/store.h"
#include "operations/deployment.h"
#include "proxy/snapshot.h"

namespace gateway::app {

// A store that nobody else uses meanwhile: it is called on the administration's thread.
struct Opened {
  std::shared_ptr<Store> store;
  operations::Deployment deployment;
};
Result<std::shared_ptr<Store>> open_to_read(const AdminApi::Options& options);
Result<Opened> open_for(const Asked& asked, bool read_only);
inline Result<Opened> open_to_read(const Asked& asked) { return open_for(asked, true); }
inline Result<Opened> open_to_write(const Asked& asked) { return open_for(asked, false); }
// The price lists that were fetched.
Catalogues catalogues_of(const Asked& asked);

// What a list prints as JSON.
class JsonList {
 public:
  explicit JsonList(std::vector<Column> columns) : listing_(text_, Format::json, std::move(columns)) {}
  Listing& listing() { return listing_; }
  std::string finish();

 private:
  std::ostringstream text_;
  Listing listing_;
};

// The same as lines of JSON, taken piece by piece.
class JsonLines {
 public:
  explicit JsonLines(std::vector<Column> columns) : listing_(text_, Format::jsonl, std::move(columns)) {}
  void add(std::vector<Cell> row) { listing_.add(std::move(row)); }
  std::size_t size() const { return text_.view().size(); }
  std::string take();  // what was added since the last time

 private:
  std::ostringstream text_;
  Listing listing_;
};

// A page of a list, with a note if it was truncated.
Handled page_of(std::string data, std::size_t shown, std::size_t all, std::optional<std::string> next);

}  // namespace gateway::app
