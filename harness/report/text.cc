#include "report/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace racelab::report {
namespace {

using verdict::FailureKind;
using verdict::Outcome;

constexpr char32_t kBroken = 0xfffd;

// Takes the first character off `text`; U+FFFD for a byte that starts none.
// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
char32_t Next(std::string_view* text) {
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>((*text)[i]);
  };
  const unsigned char first = byte(0);
  size_t length = 1;
  char32_t result = first;
  char32_t least = 0;
  if (first >= 0x80) {
    if (first >= 0xc2 && first <= 0xdf) {
      length = 2, result = first & 0x1f, least = 0x80;
    } else if (first >= 0xe0 && first <= 0xef) {
      length = 3, result = first & 0x0f, least = 0x800;
    } else if (first >= 0xf0 && first <= 0xf4) {
      length = 4, result = first & 0x07, least = 0x10000;
    } else {
      text->remove_prefix(1);
      return kBroken;
    }
    for (size_t i = 1; i < length; ++i) {
      if (i >= text->size() || (byte(i) & 0xc0) != 0x80) {
        text->remove_prefix(1);
        return kBroken;
      }
      result = (result << 6) | (byte(i) & 0x3f);
    }
    if (result < least || result > 0x10ffff ||
        (result >= 0xd800 && result <= 0xdfff)) {
      text->remove_prefix(1);
      return kBroken;
    }
  }
  text->remove_prefix(length);
  return result;
}

void Append(char32_t c, std::string* out) {
  const auto put = [&](char32_t bits) {
    out->push_back(static_cast<char>(bits));
  };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | (c >> 6)), put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | (c >> 12)), put(0x80 | ((c >> 6) & 0x3f)),
        put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | (c >> 18)), put(0x80 | ((c >> 12) & 0x3f));
    put(0x80 | ((c >> 6) & 0x3f)), put(0x80 | (c & 0x3f));
  }
}

bool IsHarmful(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) ||  // C0, DEL, C1
         (c >= 0x200e && c <= 0x200f) ||         // directional marks
         (c >= 0x2028 && c <= 0x202e) ||         // separators, embeddings
         (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

size_t WidthOf(char32_t c) {
  if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200d) ||
      (c >= 0xfe00 && c <= 0xfe0f)) {
    return 0;
  }
  const bool wide =
      (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
      (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
      (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
      (c >= 0x1f300 && c <= 0x1f9ff) || c >= 0x20000;
  return wide ? 2 : 1;
}

// The end of an escape sequence that starts behind ESC: "[…m", "]…BEL", "c".
void SkipEscape(std::string_view* text) {
  if (text->empty()) return;
  const char kind = text->front();
  text->remove_prefix(1);
  if (kind == '[') {
    while (!text->empty()) {
      const char c = text->front();
      text->remove_prefix(1);
      if (c >= 0x40 && c <= 0x7e) return;
    }
  } else if (kind == ']' || kind == 'P' || kind == '_' || kind == '^') {
    while (!text->empty()) {
      const char c = text->front();
      text->remove_prefix(1);
      if (c == '\a') return;
      if (c == '\x1b') {
        if (!text->empty() && text->front() == '\\') text->remove_prefix(1);
        return;
      }
    }
  }
}

}  // namespace

std::string OneLine(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const char32_t c = Next(&text);
    if (c == '\x1b') {
      SkipEscape(&text);
    } else if (c == '\n' || c == '\t' || c == '\r') {
      if (!result.empty() && result.back() != ' ') result += ' ';
    } else if (!IsHarmful(c)) {
      Append(c, &result);
    }
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

std::vector<std::string> Lines(std::string_view text, size_t max_lines) {
  std::vector<std::string> result;
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  while (!text.empty()) {
    if (result.size() == max_lines) {
      result.emplace_back("…");
      break;
    }
    const size_t end = text.find('\n');
    std::string line;
    for (const char c : text.substr(0, end)) {
      // Columns matter under a compiler's "^".
      if (c == '\t') {
        line.append(8 - line.size() % 8, ' ');
      } else {
        line += c;
      }
    }
    result.push_back(OneLine(line));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return result;
}

std::string ValidUtf8(std::string_view text) {
  std::string result;
  while (!text.empty()) Append(Next(&text), &result);
  return result;
}

std::string Ascii(std::string_view text) {
  static constexpr std::array<std::pair<char32_t, std::string_view>, 24>
      kNearest = {{{U'–', "-"}, {U'—', "-"}, {U'…', "..."}, {U'→', "->"},
                   {U'×', "x"}, {U'·', "-"}, {U'✓', "+"},   {U'✗', "x"},
                   {U'│', "|"}, {U'─', "-"}, {U'┼', "+"},   {U'┬', "+"},
                   {U'┴', "+"}, {U'↳', "^"}, {U'“', "\""},  {U'”', "\""},
                   {U'‘', "'"}, {U'’', "'"}, {U'≤', "<="},  {U'≥', ">="},
                   {U'▶', ">"}, {U'•', "*"}, {U'├', "+"},   {U'\u00a0', " "}}};
  std::string result;
  while (!text.empty()) {
    const char32_t c = Next(&text);
    if (c < 0x80) {
      result += static_cast<char>(c);
      continue;
    }
    const auto* it =
        std::find_if(kNearest.begin(), kNearest.end(),
                     [&](const auto& entry) { return entry.first == c; });
    if (it != kNearest.end()) {
      result += it->second;
    } else if (WidthOf(c) > 0) {
      result += '?';
    }
  }
  return result;
}

size_t Width(std::string_view text) {
  size_t result = 0;
  while (!text.empty()) result += WidthOf(Next(&text));
  return result;
}

std::string Cut(std::string_view text, size_t width) {
  if (Width(text) <= width) return std::string(text);
  if (width == 0) return "";
  std::string result;
  size_t used = 0;
  while (!text.empty()) {
    const char32_t c = Next(&text);
    if (used + WidthOf(c) > width - 1) break;
    used += WidthOf(c);
    Append(c, &result);
  }
  return result + "…";
}

std::string Pad(std::string text, size_t width) {
  const size_t used = Width(text);
  if (used < width) text.append(width - used, ' ');
  return text;
}

std::vector<std::string> Wrap(std::string_view text, size_t width) {
  std::vector<std::string> result;
  width = std::max<size_t>(width, 4);
  std::string line;
  size_t used = 0;
  const auto finish = [&] {
    result.push_back(std::move(line));
    line.clear();
    used = 0;
  };
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (used > 0 && used + 1 + Width(word) > width) finish();
    if (used > 0) line += ' ', ++used;
    // A word longer than a line is cut, where C++ has a joint if possible.
    while (used + Width(word) > width) {
      std::string part;
      size_t columns = used;
      size_t joint = 0;
      std::string_view rest = word;
      while (!rest.empty()) {
        std::string_view next = rest;
        const char32_t c = Next(&next);
        if (columns + WidthOf(c) > width) break;
        columns += WidthOf(c);
        Append(c, &part);
        rest = next;
        if (c == '.' || c == '/' || c == ':' || c == '_' || c == '>' ||
            c == ',' || c == ']') {
          joint = part.size();
        }
      }
      if (part.empty()) break;
      if (joint > part.size() / 2) part.resize(joint);
      line += part;
      word.remove_prefix(part.size());
      finish();
    }
    line += word;
    used += Width(word);
  }
  if (!line.empty() || result.empty()) finish();
  return result;
}

std::string Thousands(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string Count(uint64_t number, std::string_view singular) {
  return Thousands(number) + " " + std::string(singular) +
         (number == 1 ? "" : "s");
}

std::string NoCommands(std::string_view text) {
  std::string result;
  bool line_start = true;
  for (size_t i = 0; i < text.size(); ++i) {
    // The reader trims a line before it looks for "::", and finds "##[" within
    // one, too.
    if ((line_start && text.substr(i).starts_with("::")) ||
        text.substr(i).starts_with("##[")) {
      result += text[i] == ':' ? ": :" : "## [";
      i += text[i] == ':' ? 1 : 2;
      line_start = false;
      continue;
    }
    result += text[i];
    line_start =
        text[i] == '\n' || (line_start && (text[i] == ' ' || text[i] == '\t'));
  }
  return result;
}

std::string Words(FailureKind kind) {
  std::string name(Name(kind));
  std::replace(name.begin(), name.end(), '-', ' ');
  return name;
}

std::string Words(Outcome outcome) {
  std::string name(Name(outcome));
  std::replace(name.begin(), name.end(), '-', ' ');
  return name;
}

std::string_view Meaning(FailureKind kind) {
  switch (kind) {
    case FailureKind::kDataRace:
      return "A data race: two threads use the same memory, at least one of "
             "them writes, and nothing makes one wait for the other. C++ then "
             "promises nothing about the whole program.";
    case FailureKind::kDeadlock:
      return "A deadlock: who waits there waits for ever.";
    case FailureKind::kLivelock:
      return "A livelock: threads go on working and never get anywhere.";
    case FailureKind::kUseAfterFree:
      return "Memory is used after its life has ended.";
    case FailureKind::kUnreachable:
      return "Nothing is wrong with what the program computes: it is less "
             "concurrent than this lab asks for.";
    case FailureKind::kForbiddenConstruct:
      return "This lab is to be solved without it.";
    case FailureKind::kWrongResult:
    case FailureKind::kDoubleFree:
    case FailureKind::kLeak:
    case FailureKind::kMisuse:
    case FailureKind::kCrash:
    case FailureKind::kBuildError:
      return "";
  }
  return "";
}

std::string ShortPlace(const verdict::SourceLocation& where) {
  if (where.file.empty()) return "";
  std::string result = where.file.substr(where.file.rfind('/') + 1);
  if (where.line > 0) result += ":" + std::to_string(where.line);
  return OneLine(result);
}

std::string Style::Set(std::string_view code, std::string_view text) const {
  if (!color || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace racelab::report
