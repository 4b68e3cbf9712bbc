#include "app/mcp/http/claim_page.h"

#include <fmt/format.h>

#include "app/render/markup.h"

namespace gateway::app::mcp {
namespace {

std::string page(std::string_view body) {
  return fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">"
      "<title>New key - Model Gateway</title></head><body><main><h1>A new key</h1>{}</main></body></html>\n",
      body);
}

}  // namespace

std::string claim_page(bool was_wrong) {
  return page(
      fmt::format("{}<p>An agent made a key. It is shown here once.</p><form method=\"post\"><p><label>The admin "
                  "token, or a key of "
                  "the same project: <input name=\"credential\" type=\"password\" autocomplete=\"off\" "
                  "required></label> <button>Show "
                  "the key</button></p></form>",
                  was_wrong ? "<p role=\"alert\">That was not accepted.</p>" : ""));
}

std::string key_page(const Claim& claim) {
  return page(fmt::format("<p>{} of project {}. Store it now: it is not shown again.</p><p><code>{}</code></p>",
                          markup_text(claim.key_id), markup_text(claim.project), markup_text(claim.text.reveal())));
}

std::string gone_page() {
  return page(
      "<p>There is no key here: it was shown already, or ten minutes have passed. Revoke it and make another one.</p>");
}

}  // namespace gateway::app::mcp
