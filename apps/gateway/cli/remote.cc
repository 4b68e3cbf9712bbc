#include "app/cli/remote.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <ostream>
#include <set>

#include "app/cli/chat_stream.h"
#include "app/cli/http_call.h"
#include "app/cli/parser/command.h"
#include "app/cli/server_url.h"

namespace gateway::app {
namespace {

constexpr std::int64_t kMaxPage = 10'000;

// The command's flags as the operation's parameters.
Result<std::string> query_of(const Command& command, const operations::OperationInfo& operation) {
  static const std::set<std::string> kOwn{"url", "token-env", "format", "json", "columns", "limit"};
  std::string query;
  for (const auto& [flag, values] : command.given()) {
    if (kOwn.contains(flag)) continue;
    std::string name = flag;
    std::replace(name.begin(), name.end(), '-', '_');
    const bool known = std::any_of(
        operation.parameters.begin(), operation.parameters.end(),
        [&name](const operations::Parameter& each) { return each.name == name && each.in == operations::In::query; });
    if (!known) return usage_error(fmt::format("--{}: not with --url", flag));
    for (const std::string& value : values)
      query += fmt::format("{}{}={}", query.empty() ? "?" : "&", name, percent_encoded(value));
  }
  return query;
}

Result<std::string> called(const RemoteFlags& remote, const std::string& token, std::string_view method,
                           const std::string& path, const std::string& body = {}) {
  if (token.empty())
    return usage_error(fmt::format("expected the administration's token{} in {}; --token-env names another variable",
                                   method == "GET" ? ", or a project's key," : "", remote.token_variable));
  const std::string url = plain_url(remote.url.value_or(""));
  auto answer =
      http_call({.base_url = url, .method = method, .path = "/admin/v1/" + path, .token = token, .body = body});
  if (!answer) return Error{answer.error().code, fmt::format("{}: {}", url, answer.error().detail)};
  if (answer->status == 200) return std::move(answer->body);
  const ErrorCode code = answer->status == 404 ? ErrorCode::not_found : ErrorCode::refused;
  return Error{code, fmt::format("{} answers {}: {}", url, answer->status, error_message(answer->body))};
}

Result<std::string> get(const RemoteFlags& remote, const std::string& path, Session& session) {
  return called(remote, session.environment(remote.token_variable).value_or(""), "GET", path);
}

// `data` of an answer.
Result<std::string> data_of(const Result<std::string>& body) {
  if (!body) return body.error();
  simdjson::dom::parser parser;
  simdjson::dom::element data;
  if (parser.parse(*body)["data"].get(data) != simdjson::SUCCESS)
    return Error{ErrorCode::protocol, "the answer is none of an administration"};
  return std::string(simdjson::minify(data));
}

Cell cell_of(simdjson::dom::element value) {
  Cell cell{"", simdjson::minify(value)};
  std::string_view text;
  bool truth = false;
  simdjson::dom::array items;
  if (value.is_null()) return cell;
  if (value.get(text) == simdjson::SUCCESS) {
    cell.text = text;
  } else if (value.get(truth) == simdjson::SUCCESS) {
    cell.text = truth ? "yes" : "no";
  } else if (value.get(items) == simdjson::SUCCESS) {
    for (const simdjson::dom::element item : items) {
      if (!cell.text.empty()) cell.text += ',';
      cell.text += item.get(text) == simdjson::SUCCESS ? std::string(text) : std::string(simdjson::minify(item));
    }
  } else {
    cell.text = cell.json;
  }
  return cell;
}

std::vector<Cell> cells_of(simdjson::dom::element object, const std::vector<Column>& columns) {
  std::vector<Cell> cells;
  for (const Column& column : columns) {
    simdjson::dom::element value;
    cells.push_back(object[column.name].get(value) == simdjson::SUCCESS ? cell_of(value) : Cell{"", "null"});
  }
  return cells;
}

// Adds a page's entries; returns the cursor of the next one, empty for none.
Result<std::string> add_page(const std::string& body, const std::vector<Column>& columns, Listing& listing,
                             std::string& note) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::array entries;
  if (parser.parse(body).get(document) != simdjson::SUCCESS || document["data"].get(entries) != simdjson::SUCCESS)
    return Error{ErrorCode::protocol, "the answer is no list of an administration"};
  for (const simdjson::dom::element entry : entries)
    listing.add(cells_of(entry, columns), std::string(simdjson::minify(entry)));
  std::string_view text;
  if (document["note"].get(text) == simdjson::SUCCESS) note = text;
  return std::string(document["next"].get(text) == simdjson::SUCCESS ? text : std::string_view());
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Result<void> expect_without(const Command& command, const std::vector<std::string>& flags) {
  for (const std::string& flag : flags) {
    if (command.count(flag) > 0) return usage_error(fmt::format("{}: not with --url", flag));
  }
  return {};
}

Result<std::string> remote_document(const RemoteFlags& remote, const std::string& path, Session& session) {
  return data_of(get(remote, path, session));
}

Result<std::string> remote_call(const RemoteFlags& remote, const std::string& token, std::string_view method,
                                const std::string& path, const std::string& body) {
  return data_of(called(remote, token, method, path, body));
}

Result<std::vector<std::string>> remote_entries(const RemoteFlags& remote, const std::string& path, std::int64_t limit,
                                                Session& session) {
  std::vector<std::string> entries;
  std::string cursor;
  do {
    const std::int64_t left = limit == 0 ? kMaxPage : limit - static_cast<std::int64_t>(entries.size());
    std::string page =
        fmt::format("{}{}limit={}", path, path.find('?') == path.npos ? "?" : "&", std::min(left, kMaxPage));
    if (!cursor.empty()) page += "&cursor=" + percent_encoded(cursor);
    const auto body = get(remote, page, session);
    if (!body) return body.error();
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    simdjson::dom::array data;
    if (parser.parse(*body).get(document) != simdjson::SUCCESS || document["data"].get(data) != simdjson::SUCCESS)
      return Error{ErrorCode::protocol, "the answer is no list of an administration"};
    for (const simdjson::dom::element entry : data) entries.emplace_back(simdjson::minify(entry));
    std::string_view next;
    cursor = document["next"].get(next) == simdjson::SUCCESS ? next : std::string_view();
  } while (!cursor.empty() && (limit == 0 || static_cast<std::int64_t>(entries.size()) < limit));
  return entries;
}

void add_flags(Command& command, RemoteFlags& flags, const char* url_help, const char* token_help) {
  command.add_option("--url", flags.url, url_help, "URL");
  command.add_option("--token-env", flags.token_variable, token_help, "VAR")->capture_default_str();
}

Outcome list_remotely(const Command& command, operations::Id id, const RemoteFlags& remote, const ListFlags& list,
                      std::vector<Column> columns, Session& session) {
  const operations::OperationInfo& operation = operations::info_of(id);
  const auto query = query_of(command, operation);
  if (!query) return query.error();
  auto listing = open_listing(session, list, columns);
  if (!listing) return listing.error();
  std::string cursor, note;
  std::int64_t left = list.limit == 0 ? kMaxPage : list.limit;
  do {
    std::string path = std::string(operation.path) + *query;
    path += fmt::format("{}limit={}", query->empty() ? "?" : "&", std::min(left, kMaxPage));
    if (!cursor.empty()) path += "&cursor=" + percent_encoded(cursor);
    const auto body = get(remote, path, session);
    if (!body) return body.error();
    const auto before = static_cast<std::int64_t>(listing->rows());
    auto next = add_page(*body, columns, *listing, note);
    if (!next) return next.error();
    cursor = std::move(*next);
    if (list.limit != 0) left -= static_cast<std::int64_t>(listing->rows()) - before;
  } while (!cursor.empty() && left > 0);
  listing->end();
  if (!cursor.empty())
    session.err << fmt::format("gateway: {} shown, there are more; --limit 0 shows all\n", listing->rows());
  if (!note.empty()) session.err << "gateway: " << printable(note) << '\n';
  return kFine;
}

}  // namespace gateway::app
