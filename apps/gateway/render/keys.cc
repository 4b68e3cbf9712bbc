#include "app/render/keys.h"

namespace gateway::app {

std::vector<Column> key_columns() {
  return {{"id"},      {"project"}, {"name"},         {"state"},         {"created"},
          {"expires"}, {"revoked"}, {"last_used_at"}, {"cost_30d", true}};
}

std::vector<Cell> key_cells(const operations::KeyView& view) {
  const ApiKey& key = view.key;
  return {cell(key.id),      cell(key.project), cell(key.name),       cell(view.state),   cell(key.created),
          cell(key.expires), cell(key.revoked), cell(view.last_used), cell(view.cost_30d)};
}

json::Object new_key_object(const operations::NewKey& made) {
  json::Object object;
  object.add("id", json::text(made.key.id))
      .add("key", json::text(made.text))
      .add("project", json::text(made.key.project))
      .add("name", json::text(made.key.name))
      .add("created", json::time(made.key.created))
      .add("expires", json::optional(made.key.expires, json::time));
  return object;
}

json::Object rotated_key_object(const operations::RotatedKey& rotated) {
  json::Object object = new_key_object(rotated.made);
  object.add("replaces", json::text(rotated.replaced.id)).add("replaced_until", json::time(rotated.ends));
  return object;
}

}  // namespace gateway::app
