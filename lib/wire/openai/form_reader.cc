#include "wire/openai/form_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "wire/openai/audio_length.h"
#include "wire/openai/model_name.h"

namespace gateway {
namespace {

constexpr std::size_t kFormPiece = 64 * 1024;
constexpr std::size_t kReadAtOnce = 4 * 1024;  // while a body comes: as much is kept until the next of it is here
constexpr const char* kNoBoundary = "The request's content type must be multipart/form-data with a boundary.";
constexpr std::int64_t kMaxMade = 128;
constexpr std::int64_t kBytesOfWrittenToken = 4;

std::string broken(const char* fault) { return std::string("The form is broken: ") + fault + "."; }

class FormSink final : public MultipartSink {
 public:
  explicit FormSink(Form& form) : form_(form) {}
  void on_delimiter(std::size_t offset) override {
    if (!std::exchange(has_begun_, true)) form_.begin = offset;
  }
  void on_part(const PartHead& head, std::size_t data_begins) override {
    form_.fields.push_back({head.name, head.filename.has_value(), {data_begins, data_begins}});
  }
  void on_data(std::string_view) override {}
  void on_part_end(std::size_t offset) override { form_.fields.back().value.end = offset; }

 private:
  Form& form_;
  bool has_begun_ = false;
};

}  // namespace

bool read_form(std::string_view content_type, std::string_view body, Form& form, BadRequest& why) {
  const auto boundary = multipart_boundary(content_type);
  if (!boundary) {
    why = {kNoBoundary, {}};
    return false;
  }
  form.boundary = *boundary;
  FormSink sink(form);
  MultipartReader reader(*boundary, sink);
  bool good = true;
  for (std::size_t at = 0; good && at < body.size(); at += kFormPiece) good = reader.push(body.substr(at, kFormPiece));
  if (good && reader.finish()) return true;
  why = {broken(reader.fault()), {}};
  return false;
}

FormReader::FormReader(Operation operation, std::string_view content_type, std::string_view model_by_path)
    : endpoint_(info_of(operation)) {
  facts_.model_by_path = !model_by_path.empty();
  facts_.model = model_by_path;
  auto boundary = multipart_boundary(content_type);
  if (!boundary) {
    refuse(kNoBoundary, {});
    return;
  }
  MultipartSink& sink = *this;
  parts_.emplace(*boundary, sink);
  facts_.boundary = std::move(*boundary);
}

bool FormReader::read_on(std::string_view body, BadRequest& why) {
  body_ = body;
  while (!is_refused_ && read_ < body.size()) {
    const std::string_view piece = body.substr(read_, kReadAtOnce);
    read_ += piece.size();
    if (!parts_->push(piece)) refuse(broken(parts_->fault()), {});
  }
  body_ = {};
  if (is_refused_) why = why_;
  return !is_refused_;
}

bool FormReader::finish(std::string_view body, RequestFacts& facts, BadRequest& why) {
  if (!read_on(body, why)) return false;
  if (!parts_->finish()) {
    refuse(broken(parts_->fault()), {});
  } else if (!has_required_) {
    refuse("Missing required parameter: '" + std::string(endpoint_.required) + "'.", endpoint_.required);
  } else if (facts_.model.empty()) {
    refuse("Missing required parameter: 'model'.", "model");
  } else if (const std::string_view fault = fault_of_model(facts_.model); !fault.empty()) {
    refuse("Invalid value for 'model': " + std::string(fault), "model");
  }
  if (is_refused_) return why = why_, false;
  facts_.stream &= endpoint_.may_stream;
  facts_.input_bound += text_bytes_;
  facts_.input_estimate += (text_bytes_ + kBytesOfWrittenToken - 1) / kBytesOfWrittenToken;
  if (endpoint_.meter == EndpointInfo::Meter::images) {
    facts_.units_bound.images = facts_.units_estimate.images = facts_.n;
  }
  facts = std::move(facts_);
  return true;
}

void FormReader::on_delimiter(std::size_t offset) {
  if (!std::exchange(has_begun_, true)) facts_.object_begin = offset;
}

void FormReader::on_part(const PartHead& head, std::size_t data_begins) {
  field_ = {head.name, head.filename.has_value(), {data_begins, data_begins}};
}

void FormReader::on_part_end(std::size_t offset) {
  field_.value.end = offset;
  if (!is_refused_) read_field();
}

bool FormReader::refuse(std::string message, std::string_view param) {
  if (!std::exchange(is_refused_, true)) why_ = {std::move(message), std::string(param)};
  return false;
}

bool FormReader::wrong(std::string_view expected) {
  return refuse("Invalid value for '" + field_.name + "': expected " + std::string(expected) + ".", field_.name);
}

std::string_view FormReader::text() const noexcept {
  return body_.substr(field_.value.begin, field_.value.end - field_.value.begin);
}

bool FormReader::read_field() {
  static constexpr std::string_view kOnce[] = {"model", "stream", "n", "file", "image", "mask"};
  const std::string& name = field_.name;
  const auto* const once = std::find(std::begin(kOnce), std::end(kOnce), name);
  if (once != std::end(kOnce)) {
    const unsigned bit = 1u << (once - std::begin(kOnce));
    if ((std::exchange(seen_, seen_ | bit) & bit) != 0 && name != "image") {
      return refuse("The field '" + name + "' is given more than once.", name);
    }
    if (field_.is_file && (name == "model" || name == "stream" || name == "n")) return wrong("a text, not a file");
  }
  if (name == endpoint_.required || name == std::string(endpoint_.required) + "[]") return read_medium();
  if (field_.is_file) {
    ++(name == "mask" ? facts_.images : facts_.files);
    return true;
  }
  text_bytes_ += static_cast<std::int64_t>(field_.value.end - field_.value.begin);
  if (name == "model") return read_model();
  if (name == "stream") return read_stream();
  return name != "n" || read_count();
}

bool FormReader::read_medium() {
  if (!field_.is_file) return wrong("a file");
  has_required_ = true;
  if (endpoint_.meter == EndpointInfo::Meter::images) return ++facts_.images, true;
  const AudioLength length = audio_length(text());
  facts_.units_bound.audio_ms += length.bound;
  facts_.units_estimate.audio_ms += length.estimate;
  return true;
}

bool FormReader::read_model() {
  facts_.model_value = field_.value;
  if (facts_.model_by_path || text().empty()) return true;
  const std::string_view fault = fault_of_model(text());
  if (!fault.empty()) return refuse("Invalid value for 'model': " + std::string(fault), "model");
  facts_.model = text();
  return true;
}

bool FormReader::read_stream() {
  if (text() != "true" && text() != "false" && !text().empty()) return wrong("true or false");
  facts_.stream = text() == "true";
  return true;
}

bool FormReader::read_count() {
  if (text().empty()) return true;
  const char* const end_of_text = text().data() + text().size();
  const auto [end, fault] = std::from_chars(text().data(), end_of_text, facts_.n);
  const bool fits = fault == std::errc{} && end == end_of_text && facts_.n >= 1 && facts_.n <= kMaxMade;
  return fits || wrong("an integer from 1 to 128");
}

bool read_form_request(Operation operation, std::string_view content_type, const PaddedBuffer& body,
                       std::string_view model_by_path, RequestFacts& facts, BadRequest& why) {
  return FormReader(operation, content_type, model_by_path).finish(body.view(), facts, why);
}

}  // namespace gateway
