// A ring of those who wait for something, through a link that heads it. Each is in one ring at most; destroying it
// takes it out.
#pragma once

namespace gateway {

class WaitLink {
 public:
  WaitLink() = default;
  ~WaitLink() { leave(); }
  WaitLink(const WaitLink&) = delete;
  WaitLink& operator=(const WaitLink&) = delete;

  bool alone() const noexcept { return next_ == this; }
  WaitLink* next() const noexcept { return next_; }
  WaitLink* previous() const noexcept { return previous_; }

  void leave() noexcept {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = this;
  }
  // From whatever ring it is in, to the one that `place` is in.
  void move_before(WaitLink& place) noexcept {
    leave();
    previous_ = place.previous_;
    next_ = &place;
    previous_->next_ = place.previous_ = this;
  }

 private:
  WaitLink* previous_ = this;
  WaitLink* next_ = this;
};

}  // namespace gateway
