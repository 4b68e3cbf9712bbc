#include "app/admin/ledger_handlers.h"

#include <fmt/format.h>

#include "app/admin/bodies.h"
#include "app/admin/opened.h"
#include "app/render/ledger.h"
#include "app/render/row_fields.h"
#include "app/render/usage_fields.h"
#include "app/values/moments.h"
#include "app/values/queries.h"
#include "operations/ledger.h"
#include "operations/reprice.h"
#include "operations/requests.h"
#include "operations/snapshot.h"
#include "operations/usage.h"

namespace gateway::app {
namespace {

using operations::Id;

// What rows and sums can both be filtered by.
void read_filter(const Parameters& given, FilterTexts& texts) {
  texts.project = given.all("project");
  texts.key = given.all("key");
  texts.model = given.all("model");
  texts.served_model = given.all("served_model");
  texts.provider = given.all("provider");
  texts.endpoint = given.all("endpoint");
  texts.code = given.all("code");
  texts.since = given.get("since");
  texts.until = given.get("until");
  texts.tz = given.get("tz");
}

Result<Handled> show_usage(const Asked& asked) {
  const Parameters& given = asked.parameters;
  UsageTexts texts;
  read_filter(given, texts);
  texts.top = given.get("top");
  texts.order = given.get("order");
  if (const auto by = given.get("by")) texts.by = {*by};
  const auto request = read_usage_query(texts, "", asked.now);
  if (!request) return request.error();
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  const auto answer = operations::usage(opened->deployment, request->query, given.page(), request->shape);
  if (!answer) return answer.error();
  JsonList list(usage_columns(request->query.by));
  for (const UsageSum& sum : answer->sums) list.listing().add(usage_cells(sum));
  return page_of(list.finish(), answer->sums.size(), answer->all, answer->next);
}

// Rows, and the zone in which their times are written.
struct RowRequest {
  RowQuery query;
  Zone zone;
};
Result<RowRequest> row_request(const Asked& asked) {
  const Parameters& given = asked.parameters;
  RowTexts texts;
  read_filter(given, texts);
  texts.state = given.all("state");
  texts.status = given.all("status");
  texts.flag = given.all("flag");
  texts.streamed = given.get("streamed");
  texts.request = given.get("request");
  texts.min_cost = given.get("min_cost");
  texts.min_duration = given.get("min_duration");
  auto query = read_row_query(texts, "", asked.now);
  if (!query) return std::move(query).error();
  auto zone = read_tz(texts.tz, "");
  if (!zone) return std::move(zone).error();
  return RowRequest{std::move(*query), std::move(*zone)};
}

Result<Handled> list_requests(const Asked& asked) {
  const auto request = row_request(asked);
  if (!request) return request.error();
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  JsonList list(row_columns());
  const auto answer =
      operations::list_requests(opened->deployment, request->query, asked.parameters.page(), [&](const Row& row) {
        list.listing().add(row_cells(row, request->zone));
        return true;
      });
  if (!answer) return answer.error();
  std::string note = answer->reason;
  if (answer->next) note = fmt::format("{} shown, there are more; cursor continues with next", answer->rows);
  return Handled{list.finish(), answer->next, std::move(note)};
}

Result<Handled> show_request(const Asked& asked) {
  RowQuery query;
  RequestId id;
  if (!RequestId::parse(asked.name, id))
    return Error{ErrorCode::not_found, "id: expected an id such as x-request-id has, found '" + asked.name + "'"};
  query.request = id;
  query.project = asked.only_project;
  const auto zone = read_tz(asked.parameters.get("tz"), "");
  if (!zone) return zone.error();
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  JsonList list(row_columns());
  const auto answer = operations::list_requests(opened->deployment, query, {.limit = kMaxListed}, [&](const Row& row) {
    list.listing().add(row_cells(row, *zone));
    return true;
  });
  if (!answer) return answer.error();
  if (answer->rows == 0) return Error{ErrorCode::not_found, answer->reason};
  return Handled{list.finish()};
}

// All rows that match, a line each, in pieces as the client takes them.
Result<Handled> stream_rows(const Asked& asked, const operations::Deployment& deployment, const RowRequest& request) {
  constexpr std::size_t kPiece = 64 * 1024;
  Handled streamed;
  streamed.is_streamed = true;
  if (!asked.write) return streamed;
  operations::Page page = asked.parameters.page();
  if (!asked.parameters.get("limit")) page.limit = 0;
  JsonLines lines(row_columns());
  bool is_wanted = true;
  const auto done = operations::export_rows(deployment, request.query, page, [&](const Row& row) {
    lines.add(row_cells(row, request.zone));
    if (lines.size() >= kPiece) is_wanted = asked.write(lines.take());
    return is_wanted;
  });
  if (!done) return done.error();
  if (is_wanted && lines.size() > 0) is_wanted = asked.write(lines.take());
  if (!is_wanted) return Error{ErrorCode::unavailable, "the export was broken off"};
  return streamed;
}

Result<Handled> export_ledger(const Asked& asked) {
  const auto request = row_request(asked);
  if (!request) return request.error();
  const std::string format = asked.parameters.get("format").value_or("json");
  if (format != "json" && format != "jsonl") return expected("format", "json or jsonl, found '" + format + "'");
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  if (format == "jsonl") return stream_rows(asked, opened->deployment, *request);
  JsonList list(row_columns());
  const auto answer =
      operations::export_rows(opened->deployment, request->query, asked.parameters.page(), [&](const Row& row) {
        list.listing().add(row_cells(row, request->zone));
        return true;
      });
  if (!answer) return answer.error();
  std::string note;
  if (answer->next) note = fmt::format("{} shown, there are more; cursor continues with next", answer->rows);
  return Handled{list.finish(), answer->next, std::move(note)};
}

// The rows themselves are sent by RowStreams: here is found which they are.
Result<Handled> stream_requests(const Asked& asked) {
  auto request = row_request(asked);
  if (!request) return std::move(request).error();
  WallTime since = asked.now;
  if (!asked.last_event_id.empty()) {
    const auto last = read_event_id(asked.last_event_id);
    if (!last) return expected("last-event-id", "the id of an event of this stream");
    since = *last;
  }
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  if (auto known = operations::resolve_names(opened->deployment, request->query.project, request->query.key); !known)
    return std::move(known).error();
  Handled handled;
  handled.rows = RowSubscription{std::move(request->query), std::move(request->zone), since};
  return handled;
}

Result<Handled> verify_ledger(const Asked& asked) {
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  const auto proof = operations::verify_ledger(opened->deployment);
  if (!proof) return proof.error();
  return Handled{proof_json(*proof)};
}

Result<Handled> prune_ledger(const Asked& asked, std::string& audit) {
  const auto said = read_text_body(asked.body, asked.operation);
  if (!said) return said.error();
  const std::string text = *said->get("before");
  audit = "ledger prune --before=" + text;
  const auto moment = read_moment("before", text, asked.now);
  if (!moment) return moment.error();
  const auto midnight = operations::prune_midnight("before", *moment, text, asked.now);
  if (!midnight) return midnight.error();
  const auto opened = open_to_write(asked);
  if (!opened) return opened.error();
  const auto pruned = operations::prune_ledger(opened->deployment, *midnight, asked.options.sweep);
  if (!pruned) return pruned.error();
  return Handled{prune_json(*pruned)};
}

Result<Handled> sweep_ledger(const Asked& asked, std::string& audit) {
  audit = "ledger sweep";
  const auto opened = open_to_write(asked);
  if (!opened) return opened.error();
  const auto swept = operations::sweep_ledger(opened->deployment, asked.options.sweep);
  if (!swept) return swept.error();
  return Handled{sweep_json(*swept)};
}

Result<Handled> reprice_ledger(const Asked& asked) {
  auto request = row_request(asked);
  if (!request) return std::move(request).error();
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  const auto snapshot = operations::make_snapshot_of(opened->deployment, catalogues_of(asked));
  if (!snapshot) return snapshot.error();
  auto keys = operations::key_ids(opened->deployment, request->query.key);
  if (!keys) return std::move(keys).error();
  request->query.key = std::move(*keys);
  const auto models = operations::reprice(*opened->store, request->query, **snapshot);
  if (!models) return models.error();
  JsonList list(reprice_columns());
  for (const operations::RepricedModel& each : *models) list.listing().add(reprice_cells(each));
  return Handled{list.finish()};
}

}  // namespace

std::optional<Result<Handled>> handle_ledger(const Asked& asked, std::string& audit) {
  switch (asked.operation.id) {
    case Id::usage:
      return show_usage(asked);
    case Id::list_requests:
      return list_requests(asked);
    case Id::show_request:
      return show_request(asked);
    case Id::stream_requests:
      return stream_requests(asked);
    case Id::export_ledger:
      return export_ledger(asked);
    case Id::verify_ledger:
      return verify_ledger(asked);
    case Id::prune_ledger:
      return prune_ledger(asked, audit);
    case Id::sweep_ledger:
      return sweep_ledger(asked, audit);
    case Id::reprice_ledger:
      return reprice_ledger(asked);
    default:
      return std::nullopt;
  }
}

}  // namespace gateway::app
