#include "proxy/answer_line.h"

namespace gateway {

Flow AnswerLine::send_large(std::string_view bytes) {
  while (kept_.empty() && flow_ == Flow::more && !bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPiece);
    bytes.remove_prefix(piece.size());
    flow_ = body().send_body(piece);
  }
  if (kept_.empty()) kept_.reserve(bytes.size());
  kept_.append(bytes);
  return flow_;
}

Flow AnswerLine::send(PaddedBuffer& bytes) {
  if (!kept_.empty() || bytes.size() <= kPiece) return send(bytes.view());
  kept_ = std::move(bytes);
  return hand_over();
}

Flow AnswerLine::go_on() {
  flow_ = Flow::more;
  return kept_.empty() ? flow_ : hand_over();
}

Flow AnswerLine::hand_over() {
  while (flow_ == Flow::more && handed_over_ < kept_.size()) {
    const std::string_view piece = kept_.view().substr(handed_over_, kPiece);
    handed_over_ += piece.size();
    flow_ = body().send_body(piece);
  }
  if (handed_over_ == kept_.size()) {
    kept_ = {};
    handed_over_ = 0;
  }
  return flow_;
}

}  // namespace gateway
