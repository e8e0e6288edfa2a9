#include "report/trace_table.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace racelab::report {
namespace {

using verdict::Step;
using verdict::Trace;

constexpr size_t kMaxRows = 70;    // shown; a person reads no more
constexpr size_t kFirstRows = 12;  // of them, from the beginning
constexpr size_t kLeastCell = 15;
constexpr size_t kLeastSource = 30;
constexpr size_t kMostPlace = 28;
constexpr size_t kMostName = 12;

std::string Doing(const Step& step, const Style& style) {
  std::string text = style.Text(step.operation);
  if (!step.object.empty()) {
    // "changes (push_back)" reads on with its object, "stores (relaxed)" too.
    text += " " + style.Text(step.object);
  }
  if (!step.value.empty()) {
    text += (step.object.empty() ? " " : ": ") + style.Text(step.value);
  }
  return text;
}

class Table {
 public:
  Table(const Trace& trace, size_t width, const Style& style)
      : trace_(trace), width_(std::max<size_t>(width, 40)), style_(style) {
    std::vector<bool> used(trace.threads.size(), false);
    for (const Step& step : trace.steps) {
      if (Valid(step)) used[static_cast<size_t>(step.thread)] = true;
    }
    for (size_t i = 0; i < used.size(); ++i) {
      if (used[i]) columns_.push_back(i);
    }
  }

  std::vector<std::string> Build() {
    if (columns_.empty()) return {};
    Layout();
    Head();
    for (size_t i = 0; i < trace_.steps.size(); ++i) {
      const size_t last = trace_.steps.size() - 1;
      if (trace_.steps.size() > kMaxRows && i >= kFirstRows &&
          last - i >= kMaxRows - kFirstRows) {
        if (i == kFirstRows) {
          lines_.push_back(
              style_.Dim("  (" + Count(trace_.steps.size() - kMaxRows, "step") +
                         " left out here; results.json has them all)"));
        }
        where_ = nullptr;
        continue;
      }
      if (!Valid(trace_.steps[i])) continue;
      if (trace_.inevitable_from > 0 &&
          i == static_cast<size_t>(trace_.inevitable_from)) {
        Mark();
      }
      Row(i);
    }
    return std::move(lines_);
  }

 private:
  bool Valid(const Step& step) const {
    return step.thread >= 0 &&
           static_cast<size_t>(step.thread) < trace_.threads.size();
  }

  std::string ThreadName(size_t thread) const {
    return Cut(style_.Text(trace_.threads[thread].name), kMostName);
  }

  std::string Place(const Step& step) const {
    return Cut(style_.Text(ShortPlace(step.where)), kMostPlace);
  }

  size_t ColumnOf(const Step& step) const {
    return static_cast<size_t>(std::find(columns_.begin(), columns_.end(),
                                         static_cast<size_t>(step.thread)) -
                               columns_.begin());
  }

  size_t Sum() const {
    size_t sum = 0;
    for (const size_t cell : cells_) sum += cell;
    return sum;
  }

  void Layout() {
    number_ = std::max<size_t>(2, std::to_string(trace_.steps.size()).size());
    size_t place = 5;
    size_t source = 0;
    for (const Step& step : trace_.steps) {
      place = std::max(place, Width(Place(step)));
      source = std::max(source, Width(style_.Text(step.source)));
    }
    // What each column needs to have a step in one line.
    cells_.assign(columns_.size(), 0);
    for (size_t c = 0; c < columns_.size(); ++c) {
      cells_[c] = Width(ThreadName(columns_[c]));
    }
    for (const Step& step : trace_.steps) {
      if (!Valid(step)) continue;
      size_t& cell = cells_[ColumnOf(step)];
      cell = std::max(cell, Width(Doing(step, style_)));
    }
    // number, place and source, then the cells, each after a bar.
    const size_t around = number_ + 2 + 3 * cells_.size();
    const size_t room = width_ > around ? width_ - around : 0;
    place_ = place;
    const size_t beside = place + 2 + source;
    if (room >= beside + Sum()) {
      source_beside_ = true;
      left_ = beside;
    } else {
      // The source goes below its place; what the cells need comes first, but
      // for the widest: they wrap.
      const size_t least = std::max(place, std::min(source, kLeastSource));
      size_t widest = *std::max_element(cells_.begin(), cells_.end());
      while (widest > kLeastCell && least + Sum() > room) {
        --widest;
        for (size_t& cell : cells_) cell = std::min(cell, widest);
      }
      const size_t rest = room > Sum() ? room - Sum() : 0;
      left_ = std::min(std::max(place, source), rest);
    }
    listed_ = left_ < place;
    if (listed_) {
      for (const size_t t : columns_) {
        thread_ = std::max(thread_, Width(ThreadName(t)));
      }
      left_ = place;
    }
  }

  void Head() {
    if (listed_) return;
    std::string line = Pad("", number_) + "  " + Pad("", left_);
    std::string rule;
    for (size_t i = 0; i < number_ + 2 + left_ + 1; ++i) rule += "─";
    for (size_t c = 0; c < cells_.size(); ++c) {
      line += " │ " + style_.Bold(Pad(Cut(ThreadName(columns_[c]), cells_[c]),
                                      cells_[c]));
      rule += "┼";
      const size_t length = cells_[c] + (c + 1 < cells_.size() ? 2 : 1);
      for (size_t i = 0; i < length; ++i) rule += "─";
    }
    lines_.push_back(TrimEnd(line));
    lines_.push_back(style_.Dim(rule));
  }

  void Mark() {
    const std::string text = " from here on, every continuation fails ";
    std::string line = "───";
    line += text;
    for (size_t i = Width(line); i < std::min<size_t>(width_, 72); ++i) {
      line += "─";
    }
    lines_.push_back(style_.Yellow(line));
  }

  static std::string TrimEnd(std::string line) {
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
  }

  void Row(size_t i) {
    const Step& step = trace_.steps[i];
    // A thread that goes on in the same line: the line is not said again.
    const bool same = where_ != nullptr && where_->thread == step.thread &&
                      where_->where.file == step.where.file &&
                      where_->where.line == step.where.line;
    where_ = &step;
    std::string number = std::to_string(i + 1);
    number.insert(0, number_ - std::min(number_, number.size()), ' ');

    std::vector<std::string> left;
    if (!same) {
      const std::string place = Place(step);
      const std::string source = style_.Text(step.source);
      if (source_beside_) {
        left.push_back(
            style_.Cyan(Pad(place, place_)) + "  " +
            Pad(Cut(source, left_ - place_ - 2), left_ - place_ - 2));
      } else {
        left.push_back(style_.Cyan(Pad(Cut(place, left_), left_)));
        if (!source.empty() && !listed_) {
          left.push_back(Pad(Cut(source, left_), left_));
        }
      }
    }
    const size_t column = ColumnOf(step);
    const size_t cell =
        listed_ ? width_ - number_ - left_ - thread_ - 6 : cells_[column];
    const std::vector<std::string> doing = Wrap(Doing(step, style_), cell);
    const size_t height = std::max(left.size(), doing.size());
    for (size_t k = 0; k < height; ++k) {
      std::string line = k == 0 ? style_.Dim(number) : Pad("", number_);
      line += "  " + (k < left.size() ? left[k] : Pad("", left_));
      const std::string text = k < doing.size() ? doing[k] : "";
      if (listed_) {
        line += "  " +
                style_.Bold(
                    Pad(k == 0 ? ThreadName(columns_[column]) : "", thread_)) +
                "  " + text;
      } else {
        for (size_t c = 0; c < cells_.size(); ++c) {
          line += " " + style_.Dim("│") + " ";
          line += Pad(c == column ? text : "", cells_[c]);
        }
      }
      lines_.push_back(TrimEnd(line));
    }
    if (listed_ && !same && !step.source.empty()) {
      const size_t indent = number_ + 2 + left_ + 2 + thread_ + 2;
      lines_.push_back(
          Pad("", indent) +
          style_.Dim(Cut(style_.Text(step.source), width_ - indent)));
    }
    if (!step.note.empty()) Note(style_.Text(step.note), column);
  }

  // Below its step, as wide as it needs.
  void Note(const std::string& note, size_t column) {
    size_t indent = number_ + 2 + left_ + (listed_ ? thread_ + 2 : 3);
    for (size_t c = 0; c < column && !listed_; ++c) indent += cells_[c] + 3;
    const size_t start = std::min(indent, width_ / 3);
    const std::vector<std::string> lines = Wrap(note, width_ - start - 2);
    for (size_t k = 0; k < lines.size(); ++k) {
      lines_.push_back(Pad("", start) +
                       style_.Yellow((k == 0 ? "↳ " : "  ") + lines[k]));
    }
  }

  const Trace& trace_;
  const size_t width_;
  const Style& style_;
  std::vector<size_t> columns_;  // threads that do something
  size_t number_ = 2;
  size_t left_ = 0;
  size_t place_ = 0;
  std::vector<size_t> cells_;  // by column
  size_t thread_ = 0;          // a thread's name, if listed
  bool source_beside_ = false;
  bool listed_ = false;
  const Step* where_ = nullptr;  // the step before
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> TraceTable(const Trace& trace, size_t width,
                                    const Style& style) {
  return Table(trace, width, style).Build();
}

}  // namespace racelab::report
