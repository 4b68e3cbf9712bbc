#include "wire/openai/form_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "chat/endpoint.h"
#include "wire/multipart/reader.h"
#include "wire/openai/audio_length.h"
#include "wire/openai/model_name.h"

namespace gateway {
namespace {

constexpr std::size_t kFormPiece = 64 * 1024;
constexpr std::int64_t kMaxMade = 128;
constexpr std::int64_t kBytesOfWrittenToken = 4;

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

class FormReading {
 public:
  FormReading(Operation operation, std::string_view body, RequestFacts& facts, BadRequest& why)
      : endpoint_(info_of(operation)), body_(body), facts_(facts), why_(why) {}

  bool run(const Form& form) {
    for (const FormField& field : form.fields) {
      if (!read(field)) return false;
    }
    facts_.stream &= endpoint_.may_stream;
    facts_.input_bound += text_bytes_;
    facts_.input_estimate += (text_bytes_ + kBytesOfWrittenToken - 1) / kBytesOfWrittenToken;
    if (endpoint_.meter == EndpointInfo::Meter::images) {
      facts_.units_bound.images = facts_.units_estimate.images = facts_.n;
    }
    if (has_required_) return true;
    return refuse("Missing required parameter: '" + std::string(endpoint_.required) + "'.", endpoint_.required);
  }

 private:
  bool refuse(std::string message, std::string_view param) {
    why_ = {std::move(message), std::string(param)};
    return false;
  }
  bool wrong(std::string_view name, std::string_view expected) {
    return refuse("Invalid value for '" + std::string(name) + "': expected " + std::string(expected) + ".", name);
  }
  std::string_view text_of(const FormField& field) const noexcept {
    return body_.substr(field.value.begin, field.value.end - field.value.begin);
  }

  bool read(const FormField& field) {
    static constexpr std::string_view kOnce[] = {"model", "stream", "n", "file", "image", "mask"};
    const auto* const once = std::find(std::begin(kOnce), std::end(kOnce), field.name);
    if (once != std::end(kOnce)) {
      const unsigned bit = 1u << (once - std::begin(kOnce));
      if ((std::exchange(seen_, seen_ | bit) & bit) != 0 && field.name != "image") {
        return refuse("The field '" + field.name + "' is given more than once.", field.name);
      }
      if (field.is_file && (field.name == "model" || field.name == "stream" || field.name == "n")) {
        return wrong(field.name, "a text, not a file");
      }
    }
    if (field.name == endpoint_.required || field.name == std::string(endpoint_.required) + "[]") return medium(field);
    if (field.is_file) {
      ++(field.name == "mask" ? facts_.images : facts_.files);
      return true;
    }
    text_bytes_ += static_cast<std::int64_t>(field.value.end - field.value.begin);
    if (field.name == "model") return model(field);
    if (field.name == "stream") return stream(text_of(field));
    return field.name != "n" || made(text_of(field));
  }

  bool medium(const FormField& field) {
    if (!field.is_file) return wrong(field.name, "a file");
    has_required_ = true;
    if (endpoint_.meter == EndpointInfo::Meter::images) return ++facts_.images, true;
    const AudioLength length = audio_length(text_of(field));
    facts_.units_bound.audio_ms += length.bound;
    facts_.units_estimate.audio_ms += length.estimate;
    return true;
  }

  bool model(const FormField& field) {
    facts_.model_value = field.value;
    facts_.model = text_of(field);
    return true;
  }

  bool stream(std::string_view text) {
    if (text != "true" && text != "false" && !text.empty()) return wrong("stream", "true or false");
    facts_.stream = text == "true";
    return true;
  }

  bool made(std::string_view text) {
    if (text.empty()) return true;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), facts_.n);
    const bool fits = fault == std::errc{} && end == text.data() + text.size() && facts_.n >= 1 && facts_.n <= kMaxMade;
    return fits || wrong("n", "an integer from 1 to 128");
  }

  const EndpointInfo& endpoint_;
  const std::string_view body_;
  RequestFacts& facts_;
  BadRequest& why_;
  std::int64_t text_bytes_ = 0;
  unsigned seen_ = 0;
  bool has_required_ = false;
};

}  // namespace

bool read_form(std::string_view content_type, std::string_view body, Form& form, BadRequest& why) {
  const auto boundary = multipart_boundary(content_type);
  if (!boundary) {
    why = {"The request's content type must be multipart/form-data with a boundary.", {}};
    return false;
  }
  form.boundary = *boundary;
  FormSink sink(form);
  MultipartReader reader(*boundary, sink);
  bool good = true;
  for (std::size_t at = 0; good && at < body.size(); at += kFormPiece) good = reader.push(body.substr(at, kFormPiece));
  if (good && reader.finish()) return true;
  why = {std::string("The form is broken: ") + reader.fault() + ".", {}};
  return false;
}

bool read_form_request(Operation operation, std::string_view content_type, const PaddedBuffer& body,
                       std::string_view model_by_path, RequestFacts& facts, BadRequest& why) {
  facts = RequestFacts{};
  Form form;
  if (!read_form(content_type, body.view(), form, why)) return false;
  facts.boundary = std::move(form.boundary);
  facts.object_begin = form.begin;
  if (!FormReading(operation, body.view(), facts, why).run(form)) return false;
  if (!model_by_path.empty()) {
    facts.model_by_path = true;
    facts.model = model_by_path;
  } else if (facts.model_value.empty() && facts.model.empty()) {
    why = {"Missing required parameter: 'model'.", "model"};
    return false;
  }
  const std::string_view fault = fault_of_model(facts.model);
  if (!fault.empty()) why = {"Invalid value for 'model': " + std::string(fault), "model"};
  return fault.empty();
}

}  // namespace gateway
