#include "wire/openai/form_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "wire/openai/model_name.h"

namespace gateway {
namespace {

constexpr std::size_t kMaxValue = 1024;  // of a field that is read: past it, it is wrong
// What a form that is bounded may have of texts after its file. Each byte is held for as a token.
constexpr std::int64_t kMaxTextAfterFile = 4 * 1024;
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
  if (reader.push(body) && reader.finish()) return true;
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

bool FormReader::read_on(std::string_view bytes, BadRequest& why) {
  if (!is_refused_ && !parts_->push(bytes)) refuse(broken(parts_->fault()), {});
  if (is_refused_) why = why_;
  return !is_refused_;
}

bool FormReader::finish(RequestFacts& facts, BadRequest& why) {
  if (is_refused_) return why = why_, false;
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
  add_totals(facts_, 0);
  facts = std::move(facts_);
  return true;
}

RequestFacts FormReader::facts_so_far(std::optional<std::uint64_t> left, bool bounded) {
  is_bounded_ = bounded;
  text_left_ = kMaxTextAfterFile;
  RequestFacts facts = facts_;
  add_sound(facts, left.value_or(0) + parts_->held());
  const auto held = sound_ ? 0 : static_cast<std::int64_t>(parts_->held());
  add_totals(facts, held + (bounded ? kMaxTextAfterFile : 0));
  return facts;
}

void FormReader::add_sound(RequestFacts& facts, std::uint64_t left) const {
  if (!sound_) return;
  const AudioLength length = sound_->length(left);
  facts.units_bound.audio_ms += length.bound;
  facts.units_estimate.audio_ms += length.estimate;
}

void FormReader::add_totals(RequestFacts& facts, std::int64_t more_text) const {
  facts.stream &= endpoint_.may_stream;
  facts.input_bound += text_bytes_ + more_text;
  facts.input_estimate += (text_bytes_ + kBytesOfWrittenToken - 1) / kBytesOfWrittenToken;
  if (endpoint_.meter == EndpointInfo::Meter::images) {
    facts.units_bound.images = facts.units_estimate.images = facts.n;
  }
}

void FormReader::on_delimiter(std::size_t offset) {
  if (!std::exchange(has_begun_, true)) facts_.object_begin = offset;
}

void FormReader::on_part(const PartHead& head, std::size_t data_begins) {
  field_ = {head.name, head.filename.has_value(), {data_begins, data_begins}};
  value_.clear();
  keeps_value_ = !field_.is_file && (field_.name == "model" || field_.name == "stream" || field_.name == "n");
  if (!is_refused_) begin_field();
}

void FormReader::on_data(std::string_view bytes) {
  if (sound_) return sound_->read_on(bytes);
  if (!field_.is_file) text_bytes_ += static_cast<std::int64_t>(bytes.size());
  if (keeps_value_) value_.append(bytes.substr(0, kMaxValue - value_.size()));
  if (!is_bounded_ || field_.is_file) return;
  text_left_ -= static_cast<std::int64_t>(bytes.size());
  if (text_left_ < 0) refuse_after_file();
}

void FormReader::on_part_end(std::size_t offset) {
  field_.value.end = offset;
  if (!is_refused_) end_field();
}

bool FormReader::refuse(std::string message, std::string_view param) {
  if (!std::exchange(is_refused_, true)) why_ = {std::move(message), std::string(param)};
  return false;
}

bool FormReader::wrong(std::string_view expected) {
  return refuse("Invalid value for '" + field_.name + "': expected " + std::string(expected) + ".", field_.name);
}

bool FormReader::is_medium() const noexcept {
  return field_.name == endpoint_.required || field_.name == std::string(endpoint_.required) + "[]";
}

// What its head alone shows.
bool FormReader::begin_field() {
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
  if (is_bounded_ && (field_.is_file || name == "n")) return refuse_after_file();
  if (!is_medium()) {
    if (field_.is_file) ++(name == "mask" ? facts_.images : facts_.files);
    return true;
  }
  if (!field_.is_file) return wrong("a file");
  has_required_ = true;
  if (endpoint_.meter == EndpointInfo::Meter::images) return ++facts_.images, true;
  sound_.emplace();
  return true;
}

bool FormReader::end_field() {
  add_sound(facts_, 0);
  sound_.reset();
  if (field_.is_file) return true;
  if (field_.name == "model") return read_model();
  if (field_.name == "stream") return read_stream();
  return field_.name != "n" || read_count();
}

bool FormReader::refuse_after_file() {
  return refuse("Send '" + field_.name + "' before '" + std::string(endpoint_.required) +
                    "': what a form of this size may cost at most has to be known by then.",
                field_.name);
}

bool FormReader::read_model() {
  model_is_first_ = !has_required_;
  facts_.model_value = field_.value;
  if (facts_.model_by_path || value_.empty()) return true;
  const std::string_view fault = fault_of_model(value_);
  if (!fault.empty()) return refuse("Invalid value for 'model': " + std::string(fault), "model");
  facts_.model = value_;
  return true;
}

bool FormReader::read_stream() {
  if (value_ != "true" && value_ != "false" && !value_.empty()) return wrong("true or false");
  facts_.stream = value_ == "true";
  return true;
}

bool FormReader::read_count() {
  if (value_.empty()) return true;
  const char* const end_of_text = value_.data() + value_.size();
  const auto [end, fault] = std::from_chars(value_.data(), end_of_text, facts_.n);
  const bool fits = fault == std::errc{} && end == end_of_text && facts_.n >= 1 && facts_.n <= kMaxMade;
  return fits || wrong("an integer from 1 to 128");
}

bool read_form_request(Operation operation, std::string_view content_type, const PaddedBuffer& body,
                       std::string_view model_by_path, RequestFacts& facts, BadRequest& why) {
  FormReader reader(operation, content_type, model_by_path);
  return reader.read_on(body.view(), why) && reader.finish(facts, why);
}

}  // namespace gateway
