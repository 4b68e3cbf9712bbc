#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "wire/multipart/reader.h"
#include "wire/openai/form_reader.h"

namespace gateway::fuzz {
namespace {

struct Part {
  std::string name, data;
  std::size_t begin = 0, end = 0;
  friend bool operator==(const Part&, const Part&) = default;
};

struct Seen final : MultipartSink {
  void on_delimiter(std::size_t) override {}
  void on_part(const PartHead& head, std::size_t begin) override { parts.push_back({head.name, {}, begin, begin}); }
  void on_data(std::string_view bytes) override { parts.back().data += bytes; }
  void on_part_end(std::size_t offset) override { parts.back().end = offset; }
  std::vector<Part> parts;
};

std::pair<std::vector<Part>, bool> read(std::string_view boundary, const std::vector<std::string_view>& pieces) {
  Seen seen;
  MultipartReader reader(boundary, seen);
  bool good = true;
  for (const std::string_view piece : pieces) good = good && reader.push(piece);
  good = good && reader.finish();
  require(good == (reader.fault() == nullptr), "what is not read has a reason");
  return {std::move(seen.parts), good};
}

}  // namespace

// The first line is a content type, the rest a body. The parts are the same however the body is cut, and lie where the
// reader says, in order.
void multipart(std::string_view input) {
  const std::string_view content_type = input.substr(0, input.find('\n'));
  const std::string_view body = input.substr(std::min(input.size(), content_type.size() + 1));
  const auto boundary = multipart_boundary(content_type);
  if (boundary) {
    require(!boundary->empty() && boundary->size() <= 70, "a boundary has 1 to 70 characters");
    const auto [parts, good] = read(*boundary, {body});
    const auto [cut_parts, cut_good] = read(*boundary, pieces_of(body));
    require(good == cut_good, "a cut form is as good as a whole one");
    if (good) require(parts == cut_parts, "a cut form has the same parts");
    std::size_t before = 0;
    for (const Part& part : parts) {
      if (!good) break;
      require(part.begin >= before && part.end >= part.begin && part.end <= body.size(), "parts follow each other");
      require(part.data == body.substr(part.begin, part.end - part.begin), "a part's data lie where it is said");
      require(part.data.find("\r\n--" + *boundary + "\r\n") == std::string::npos, "no part has a delimiter in it");
      before = part.end;
    }
  }
  PaddedBuffer buffer;
  buffer.append(body);
  for (const Operation operation : {Operation::transcriptions, Operation::image_edits}) {
    RequestFacts facts;
    BadRequest why;
    const bool read = read_form_request(operation, content_type, buffer, {}, facts, why);
    require(read != !why.message.empty(), "a request is read or refused, with a reason");
    FormReader in_pieces(operation, content_type, {});
    RequestFacts cut_facts;
    bool cut_read = true;
    for (const std::string_view piece : pieces_of(body)) cut_read = cut_read && in_pieces.read_on(piece, why);
    cut_read = cut_read && in_pieces.finish(cut_facts, why);
    require(cut_read == read, "a cut request is as good as a whole one");
    require(!read || cut_facts.units_bound.audio_ms == facts.units_bound.audio_ms, "and its sound as long");
    if (!read) continue;
    require(boundary.has_value(), "a form has a boundary");
    require(body.substr(facts.object_begin).starts_with("--" + *boundary), "it begins with its delimiter");
    require(body.substr(facts.model_value.begin, facts.model_value.end - facts.model_value.begin) == facts.model,
            "the model's name is where it is said");
  }
}

}  // namespace gateway::fuzz
