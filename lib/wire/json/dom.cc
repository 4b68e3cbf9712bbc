#include "wire/json/dom.h"

#include "wire/json/tame.h"

namespace gateway::json {
namespace {

constexpr std::string_view kDomByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kMostKeptCopy = 1024 * 1024;  // of the memory that is used again

}  // namespace

bool Dom::read(const PaddedBuffer& json, simdjson::dom::element& root) {
  std::string_view text = json.view();
  if (text.starts_with(kDomByteOrderMark)) text.remove_prefix(kDomByteOrderMark.size());
  if (parser_.parse(text.data(), text.size(), false).get(root) == simdjson::SUCCESS) return true;
  return parser_.parse(tamed(text)).get(root) == simdjson::SUCCESS;
}

bool Dom::read_copy(std::string_view json, simdjson::dom::element& root) {
  if (copy_.capacity() > kMostKeptCopy) copy_ = PaddedBuffer();
  copy_.clear();
  copy_.append(json);
  return read(copy_, root);
}

}  // namespace gateway::json
