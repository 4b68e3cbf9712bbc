#include "operations/one_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "operations/why_no_row.h"

namespace gateway::operations {
namespace {

Result<RequestId> newest_of_client(Ledger& ledger, std::string_view client_id, const AnyText& projects) {
  RowQuery query;
  query.project = projects;
  query.limit = 0;
  std::optional<RequestId> found;
  const auto read = ledger.rows(query, [&](const Row& row) {
    if (row.client_request_id.view() == client_id) found = row.request;
    return !found;
  });
  if (!read) return read.error();
  if (found) return *found;
  return Error{ErrorCode::not_found,
               fmt::format("no request '{}': no row has it as its id, and none as the client's id", client_id)};
}

// Of two attempts beside each other the one lost whose answer had not begun when the other's did.
std::string lost_text(const RequestView& request, std::size_t index) {
  const Row& lost = request.attempts[index];
  const Row* after = index + 1 < request.attempts.size() ? &request.attempts[index + 1] : nullptr;
  if (after != nullptr && (after->flags & row_flag::hedge) != 0 && after->dispatched <= lost.ended) {
    const auto waited = std::chrono::floor<std::chrono::milliseconds>(after->dispatched - lost.dispatched);
    return fmt::format("hedged after {} ms by attempt {}, whose answer began first", waited.count(), after->attempt);
  }
  return fmt::format("made beside attempt {}, whose answer began first", lost.attempt - 1);
}

}  // namespace

Result<RequestView> view_of(const RequestId& id, std::vector<Row> rows) {
  RequestView view;
  view.id = id;
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return std::tie(a.attempt, a.entry) < std::tie(b.attempt, b.entry); });
  for (const Row& row : rows) {
    view.cost += MoneySum(row.cost);
    view.usage += row.usage;
    (row.entry == 0 ? view.attempts : view.corrections).push_back(row);
  }
  if (view.attempts.empty())
    return Error{ErrorCode::not_found, fmt::format("the attempts of {} were pruned", view.id.text().view())};
  return view;
}

Result<RequestView> find_request(const Deployment& deployment, std::string_view id, const AnyText& projects) {
  const auto store = expect_store(deployment);
  if (!store) return store.error();
  RequestView view;
  // A client may call its own requests like ours.
  const bool is_ours = RequestId::parse(id, view.id);
  std::vector<Row> rows;
  RowQuery query;
  query.limit = 0;
  query.project = projects;
  const auto read_rows = [&](const RequestId& request) {
    query.request = request;
    return (*store)->rows(query, [&rows](const Row& row) {
      rows.push_back(row);
      return true;
    });
  };
  if (is_ours) {
    if (auto read = read_rows(view.id); !read) return read.error();
  }
  if (rows.empty()) {
    const auto found = newest_of_client(**store, id, projects);
    if (!found && is_ours && found.error().code == ErrorCode::not_found) {
      auto reason = why_no_row(**store, view.id, projects);
      if (!reason) return reason.error();
      return Error{ErrorCode::not_found, std::move(*reason)};
    }
    if (!found) return found.error();
    view.id = *found;
    if (auto read = read_rows(view.id); !read) return read.error();
  }
  return view_of(view.id, std::move(rows));
}

bool is_lost_hedge(const Row& row) noexcept { return row.error_code.view() == "hedge_lost"; }

std::string failure_text(const RequestView& request, std::size_t index) {
  const Row& row = request.attempts[index];
  const bool is_last = index + 1 == request.attempts.size();
  if (row.state == RowState::open) return {};
  if (is_lost_hedge(row)) return lost_text(request, index);
  if (row.state == RowState::interrupted) return "the gateway's process ended before the answer did";
  if (row.state == RowState::settled && (is_last || row.error_code.empty())) {
    return row.flags & row_flag::client_left ? "the client left before the end" : std::string();
  }
  std::string text = fmt::format("{} ", row.provider.view());
  text += row.status == 0 ? "did not answer" : fmt::format("answered {}", row.status);
  if (row.status == 200) text += " and broke off";
  if (!row.error_code.empty()) text += fmt::format(" ({})", row.error_code.view());
  return text;
}

}  // namespace gateway::operations
