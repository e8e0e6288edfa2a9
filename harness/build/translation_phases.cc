#include "build/translation_phases.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace racelab::build {
namespace {

template <typename Range>
bool IsIn(const Range& range, std::string_view text) {
  return std::find(std::begin(range), std::end(range), text) != std::end(range);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The size of what clang takes for a blank, besides those of ASCII, at the
// beginning of the text: 0 if there is none. gcc refuses them.
size_t UnicodeBlank(std::string_view text) {
  if (text.empty() || static_cast<unsigned char>(text[0]) < 0x80) return 0;
  static constexpr std::string_view kBlanks[] = {
      "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80",
      "\xe1\xa0\x8e", "\xe2\x80\xa8", "\xe2\x80\xa9",
      "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
  for (const std::string_view blank : kBlanks) {
    if (text.starts_with(blank)) return blank.size();
  }
  if (text.size() < 3 || !text.starts_with("\xe2\x80")) return 0;
  const auto last = static_cast<unsigned char>(text[2]);
  return last >= 0x80 && last <= 0x8a ? 3 : 0;
}

// Directives whose lines every compiler reads as tokens, always.
constexpr std::string_view kPlainDirectives[] = {
    "define", "undef", "ifdef", "ifndef",   "elifdef",
    "else",   "endif", "line",  "elifndef",
};
// Directives that may name files, so that <it's> is one token.
constexpr std::string_view kFileDirectives[] = {
    "include", "include_next", "import", "embed", "if", "elif"};

std::string_view SkipBlanksAndComments(std::string_view text) {
  for (;;) {
    text = SkipBlanks(text);
    const size_t blank = UnicodeBlank(text);
    const size_t end = text.starts_with("/*") ? text.find("*/", 2) : text.npos;
    if (blank == 0 && end == text.npos) return text;
    text.remove_prefix(blank != 0 ? blank : end + 2);
  }
}

// Whether no comment that begins in the line goes on behind it.
bool ClosesComments(std::string_view line) {
  const size_t last = line.rfind("/*");
  return last == std::string_view::npos ||
         line.find("*/", last + 2) != std::string_view::npos;
}

// A directive's line without the comment at its end, if its "//" is nothing
// else, however the line is read.
std::string_view WithoutRemark(std::string_view line) {
  const std::string_view text = line.substr(0, line.find("//"));
  const bool in_name = text.rfind('<') != std::string_view::npos &&
                       text.find('>', text.rfind('<')) == text.npos;
  return in_name || text.find_first_of("'\\") != std::string_view::npos ||
                 std::count(text.begin(), text.end(), '"') % 2 != 0
             ? line
             : text;
}

class Simplifier {
 public:
  explicit Simplifier(std::string_view source) {
    TakeLines(source);
    Splice();
    Simplify();
    std::sort(result_.ambiguities.begin(), result_.ambiguities.end(),
              [](const Ambiguity& a, const Ambiguity& b) {
                return std::tie(a.line, a.what) < std::tie(b.line, b.what);
              });
  }

  PhasedText TakeResult() && { return std::move(result_); }

 private:
  using Part = PhasedText::Part;

  void Say(int line, std::string_view what) {
    const bool said = std::any_of(
        result_.ambiguities.begin(), result_.ambiguities.end(),
        [what](const Ambiguity& before) { return before.what == what; });
    if (!said) result_.ambiguities.push_back({line, std::string(what)});
  }

  void TakeLines(std::string_view source) {
    if (source.starts_with("\xef\xbb\xbf")) source.remove_prefix(3);
    int line = 1;
    for (size_t i = 0; i < source.size(); ++i) {
      char c = source[i];
      if (c == '\r') {
        if (i + 1 < source.size() && source[i + 1] == '\n') continue;
        // To clang it ends a line and a comment, to gcc it is nothing.
        Say(line,
            "has a carriage return that belongs to no line feed: save the "
            "file with one kind of line ends");
        c = '\n';
      } else if (c == '\0') {
        Say(line, "has a byte 0: save the file as plain text");
        c = ' ';
      }
      if (c == '\n') ++line;
      raw_ += c;
    }
  }

  void Splice() {
    int line = 1;
    for (size_t i = 0; i < raw_.size(); ++i) {
      if (raw_[i] == '\\') {
        // Blanks between the backslash and the end of the line do not matter.
        const size_t next = raw_.find_first_not_of(" \t\v\f", i + 1);
        if (next != std::string::npos && raw_[next] == '\n') {
          ++line;
          i = next;
          continue;
        }
      }
      spliced_ += raw_[i];
      from_.push_back(i);
      line_of_.push_back(line);
      if (raw_[i] == '\n') ++line;
    }
    const size_t last = spliced_.rfind("*/");
    if (last != std::string::npos) last_end_ = last;
  }

  // All below reads spliced_ at at_.
  std::string_view Rest() const {
    return std::string_view(spliced_).substr(at_);
  }
  char Peek(size_t ahead = 1) const {
    return at_ + ahead < spliced_.size() ? spliced_[at_ + ahead] : '\0';
  }
  void Add(char c, int line, Part part) {
    result_.text += c;
    result_.lines.push_back(line);
    result_.parts.push_back(part);
  }
  void Take(Part part = Part::kCode) {
    Add(spliced_[at_], line_of_[at_], part);
    ++at_;
  }
  void Take(std::string_view word) {
    for (size_t i = 0; i < word.size(); ++i) Take();
  }

  void Simplify() {
    while (at_ < spliced_.size()) {
      const char c = spliced_[at_];
      if (c == '\n') {
        begun_ = directive_ = false;
        Take();
      } else if (std::isspace(static_cast<unsigned char>(c))) {
        Take();
      } else if (const size_t blank = UnicodeBlank(Rest()); blank != 0) {
        Add(' ', line_of_[at_], Part::kCode);
        at_ += blank;
      } else if (c == '/' && Peek() == '/') {
        at_ = std::min(spliced_.find('\n', at_), spliced_.size());
      } else if (c != '/' || Peek() != '*' || !SkipComment()) {
        TakeToken(c);
        begun_ = true;
      }
    }
  }

  bool SkipComment() {
    // A search for what is not there would make a large file take forever.
    if (last_end_ < at_ + 2) return false;
    const size_t end = spliced_.find("*/", at_ + 2);
    Add(' ', line_of_[at_], Part::kCode);
    at_ = end + 2;
    return true;
  }

  void TakeToken(char c) {
    if (IsDigit(c) || (c == '.' && IsDigit(Peek()))) {
      TakeNumber();
    } else if (IsWordChar(c)) {
      TakeWord();
    } else if (c == '"' || c == '\'') {
      TakeLiteral(0);
    } else {
      if (!begun_ && (c == '#' || (c == '%' && Peek() == ':'))) {
        directive_ = true;
        LookAtDirective(c == '#' ? 1 : 2);
      }
      if (c == '\\') {
        Say(line_of_[at_],
            "has a \\ outside of quotes: write the character itself");
      }
      Take();
    }
  }

  std::string_view WordHere() const {
    size_t size = 0;
    while (IsWordChar(Peek(size)) &&
           UnicodeBlank(std::string_view(spliced_).substr(at_ + size)) == 0) {
      ++size;
    }
    return std::string_view(spliced_).substr(at_, size);
  }

  void TakeNumber() {
    char before = '\0';
    for (;;) {
      const char c = Peek(0);
      const bool sign =
          (c == '+' || c == '-') && before != '\0' &&
          std::string_view("eEpP").find(before) != std::string_view::npos;
      const bool separator =
          c == '\'' && IsWordChar(Peek()) && before != '+' && before != '-';
      if (!sign && !separator && c != '.' &&
          (!IsWordChar(c) || UnicodeBlank(Rest()) != 0)) {
        break;
      }
      if (c == '$') SayDollar();
      Take(before == '\0' ? Part::kNumberBegin : Part::kNumber);
      before = c;
    }
    if (Peek(0) == '\'') {
      Say(line_of_[at_],
          "has a quote right behind a number: put a blank between them");
    }
  }

  void SayDollar() {
    Say(line_of_[at_], "has a $ in a name: take letters, digits and _");
  }

  void TakeWord() {
    static constexpr std::string_view kPrefixes[] = {"L", "u", "U", "u8"};
    const std::string_view word = WordHere();
    const char quote = Peek(word.size());
    if ((quote == '"' || quote == '\'') && IsIn(kPrefixes, word)) {
      TakeLiteral(word.size());
    } else if (IsRawStringHere()) {
      TakeRawString(word.size());
    } else {
      if (word.find('$') != std::string_view::npos) SayDollar();
      Take(word);
    }
  }

  bool IsRawStringHere() const {
    static constexpr std::string_view kPrefixes[] = {"R", "LR", "uR", "UR",
                                                     "u8R"};
    const std::string_view word = WordHere();
    return Peek(word.size()) == '"' && IsIn(kPrefixes, word);
  }

  // To the end of the line if nothing else ends it.
  void TakeLiteral(size_t prefix) {
    Part part = Part::kLiteralBegin;
    const auto take = [&] {
      Take(part);
      part = Part::kLiteral;
    };
    for (size_t i = 0; i < prefix; ++i) take();
    const char quote = spliced_[at_];
    take();
    while (at_ < spliced_.size() && spliced_[at_] != '\n') {
      const char c = spliced_[at_];
      take();
      if (c == quote) {
        LookBehindLiteral();
        return;
      }
      if (c == '\\' && at_ < spliced_.size() && spliced_[at_] != '\n') take();
    }
  }

  // Splices are none in there: it is read in raw_.
  void TakeRawString(size_t prefix) {
    const int line = line_of_[at_];
    const size_t begin = from_[at_ + prefix] + 1;
    // With the '(' behind a delimiter of up to 16 characters.
    const std::string_view head = std::string_view(raw_).substr(begin, 17);
    const size_t open = head.find_first_of(" ()\\\t\v\f\n$@`");
    const bool good =
        raw_strings_end_ && open != head.npos && head[open] == '(';
    const std::string close =
        good ? ")" + std::string(head.substr(0, open)) + "\"" : "";
    const size_t end = good ? raw_.find(close, begin + open) : raw_.npos;
    if (end == raw_.npos) {
      Say(line,
          "has a raw string that does not end, or with a wrong delimiter");
      raw_strings_end_ = false;
      TakeLiteral(prefix);
      return;
    }
    Part part = Part::kLiteralBegin;
    for (size_t i = 0; i <= prefix; ++i) {
      Take(part);
      part = Part::kLiteral;
    }
    const int first = line_of_[at_ - 1];
    int now = first;
    for (size_t i = begin; i < end + close.size(); ++i) {
      Add(raw_[i] == '\n' ? ' ' : raw_[i], now, part);
      if (raw_[i] == '\n') ++now;
    }
    if (directive_ && now != first) SayRawInDirective(line);
    at_ = std::lower_bound(from_.begin(), from_.end(), end + close.size()) -
          from_.begin();
    LookBehindLiteral();
  }

  void SayRawInDirective(int line) {
    Say(line,
        "has a raw string in a line with #: put it into a line of its own");
  }

  // "a"R"(b)": to gcc the R is a suffix of "a".
  void LookBehindLiteral() {
    if (at_ < spliced_.size() && IsRawStringHere()) {
      Say(line_of_[at_],
          "has a raw string right behind another literal: put a blank between "
          "them");
    }
  }

  // What begins in a directive's line must end there in whatever way it is
  // read: as tokens, as the text of a message (#warning, #pragma mark), with
  // names of files (also behind macros that stand for __has_include).
  void LookAtDirective(size_t sign) {
    const std::string_view line = Rest().substr(0, Rest().find('\n'));
    const std::string name = Word(SkipBlanksAndComments(line.substr(sign)));
    if (IsIn(kPlainDirectives, name)) return;
    if (!ClosesComments(line) && !ClosesComments(WithoutRemark(line))) {
      Say(line_of_[at_],
          "has a comment in a line with # that does not end there: put it "
          "into lines of its own");
    }
    if (IsIn(kFileDirectives, name) &&
        WithoutRemark(line).find("R\"") != std::string_view::npos) {
      SayRawInDirective(line_of_[at_]);
    }
  }

  std::string raw_;              // one kind of line ends
  std::string spliced_;          // lines joined
  std::vector<size_t> from_;     // where each of its characters is in raw_
  std::vector<int> line_of_;     // and on which line
  size_t last_end_ = 0;          // where the last "*/" is, or 0
  bool raw_strings_end_ = true;  // so far
  size_t at_ = 0;
  bool begun_ = false;      // a token stands on this line
  bool directive_ = false;  // the line is a directive

  PhasedText result_;
};

}  // namespace

PhasedText TakePhases(std::string_view source) {
  return Simplifier(source).TakeResult();
}

bool IsWordChar(char c) {
  // Any character beyond ASCII may be a letter; compilers know '$', too.
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string Word(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && IsWordChar(text[end])) ++end;
  return std::string(text.substr(0, end));
}

std::string_view SkipBlanks(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text[0]))) {
    text.remove_prefix(1);
  }
  return text;
}

}  // namespace racelab::build
