#include "report/finding_text.h"

#include <algorithm>
#include <utility>

#include "report/trace_table.h"

namespace racelab::report {
namespace {

using verdict::Finding;
using verdict::SourceLocation;

constexpr size_t kMaxOutputLines = 40;
constexpr size_t kMaxFrames = 6;

class Writer {
 public:
  Writer(const Finding& finding, const LabReport& lab, size_t width,
         const Style& style)
      : finding_(finding),
        lab_(lab),
        width_(std::max<size_t>(width, 40)),
        style_(style) {}

  std::vector<std::string> Write() {
    Story();
    if (finding_.trace && !finding_.trace->steps.empty()) {
      Blank();
      for (std::string& line : TraceTable(*finding_.trace, width_, style_)) {
        lines_.push_back(std::move(line));
      }
    } else {
      for (const verdict::Access& access : finding_.accesses) Access(access);
      for (const verdict::BlockedThread& blocked : finding_.blocked) {
        Blocked(blocked);
      }
      if (finding_.accesses.empty() && finding_.blocked.empty() &&
          finding_.where.line > 0) {
        Frames({finding_.where}, "at ");
      }
    }
    if (!finding_.output.empty() && !MessageTellsOutput()) {
      Blank();
      for (const std::string& line : Lines(finding_.output, kMaxOutputLines)) {
        lines_.push_back("  " + style_.Text(line));
      }
    }
    for (const std::string& hint : finding_.hints) {
      Blank();
      Paragraph("Confirmed by running it again: " + hint, "");
    }
    return std::move(lines_);
  }

 private:
  // Of what GoogleTest says of an expectation, nothing is left to say.
  bool MessageTellsOutput() const {
    if (finding_.kind != verdict::FailureKind::kWrongResult) return false;
    for (const std::string& whole : Lines(finding_.output, kMaxOutputLines)) {
      std::string_view line = whole;
      while (line.starts_with(' ')) line.remove_prefix(1);
      if (line.starts_with("Which is: ")) line.remove_prefix(10);
      if (line != "Expected equality of these values:" &&
          finding_.message.find(line) == std::string::npos) {
        return false;
      }
    }
    return true;
  }

  void Blank() {
    if (!lines_.empty() && !lines_.back().empty()) lines_.emplace_back();
  }

  void Paragraph(const std::string& text, const std::string& indent,
                 bool dim = false) {
    for (const std::string& line :
         Wrap(style_.Text(text), width_ - indent.size())) {
      lines_.push_back(indent + (dim ? style_.Dim(line) : line));
    }
  }

  void Story() {
    const std::vector<std::string> message = Lines(finding_.message, 12);
    if (message.empty()) {
      Paragraph("There is a " + Words(finding_.kind) + ".", "");
    }
    for (const std::string& line : message) {
      // A message of several lines is laid out by its author.
      if (message.size() > 1) {
        lines_.push_back(style_.Text(line));
      } else {
        Paragraph(line, "");
      }
    }
    if (!finding_.object.empty() && !finding_.object_origin.empty() &&
        finding_.object_origin != "global" && finding_.object[0] != '(') {
      Paragraph(finding_.object + ": " + finding_.object_origin + ".", "",
                true);
    }
    const std::string_view meaning = Meaning(finding_.kind);
    if (!meaning.empty()) Paragraph(std::string(meaning), "", true);
  }

  void Frames(const std::vector<SourceLocation>& stack,
              const std::string& first) {
    size_t shown = 0;
    for (const SourceLocation& frame : stack) {
      if (shown == kMaxFrames) break;
      std::string line = "    " + std::string(shown == 0 ? first : "from ");
      const std::string place = Cut(style_.Text(ShortPlace(frame)), width_ / 2);
      line += style_.Cyan(place);
      const std::string source = style_.Text(SourceLine(lab_, frame));
      if (!source.empty()) {
        const size_t used = 4 + 5 + Width(place) + 2;
        line += "  " + Cut(source, width_ > used + 10 ? width_ - used : 10);
      } else if (!frame.function.empty()) {
        line += "  in " + Cut(style_.Text(frame.function), width_ / 3);
      }
      lines_.push_back(line);
      ++shown;
    }
  }

  static std::string Holding(const std::vector<std::string>& held) {
    if (held.empty()) return "holding no lock";
    std::string result = "holding ";
    for (size_t i = 0; i < held.size(); ++i) {
      result += (i == 0 ? "" : ", ") + held[i];
    }
    return result;
  }

  void Access(const verdict::Access& access) {
    Blank();
    std::string text = access.thread + (access.is_write ? " writes" : " reads");
    if (access.size > 0) {
      text += " " + Count(static_cast<uint64_t>(access.size), "byte");
    }
    if (access.is_atomic) text += " atomically";
    Paragraph(text + ", " + Holding(access.held), "  ");
    Frames(access.stack, "at ");
  }

  void Blocked(const verdict::BlockedThread& blocked) {
    Blank();
    std::string text = blocked.thread + " waits for " + blocked.waits_for;
    if (finding_.message.find(text) != std::string::npos) {
      text = blocked.thread;  // said once is enough
    } else if (!blocked.held_by.empty()) {
      text += ", which " + blocked.held_by + " has";
    }
    Paragraph(text, "  ");
    Frames(blocked.stack, "at ");
  }

  const Finding& finding_;
  const LabReport& lab_;
  const size_t width_;
  const Style& style_;
  std::vector<std::string> lines_;
};

}  // namespace

std::string SourceLine(const LabReport& lab, const SourceLocation& where) {
  const auto it = lab.sources.find(where.file);
  if (it == lab.sources.end() || where.line < 1 ||
      static_cast<size_t>(where.line) > it->second.size()) {
    return "";
  }
  std::string line = OneLine(it->second[static_cast<size_t>(where.line) - 1]);
  line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
  return line;
}

std::vector<std::string> FindingText(const Finding& finding,
                                     const LabReport& lab, size_t width,
                                     const Style& style) {
  return Writer(finding, lab, width, style).Write();
}

}  // namespace racelab::report
