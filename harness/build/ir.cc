#include "build/ir.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace racelab::build {
namespace {

bool IsNameChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '$' ||
         c == '.' || c == '_';
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// A quoted string that begins at text[at] == '"'; `at` is moved behind it.
std::string Unquote(std::string_view text, size_t& at) {
  std::string value;
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\' && at + 2 < text.size() &&
        HexDigit(text[at + 1]) >= 0 && HexDigit(text[at + 2]) >= 0) {
      value += static_cast<char>(HexDigit(text[at + 1]) * 16 +
                                 HexDigit(text[at + 2]));
      at += 2;
    } else if (text[at] == '\\' && at + 1 < text.size()) {
      value += text[++at];
    } else {
      value += text[at];
    }
  }
  if (at < text.size()) ++at;
  return value;
}

// The name at text[at], just behind '@', as it will stand in the object file:
// LLVM leaves out the \1 that says "as it is" (asm("\1exit")).
std::string ReadName(std::string_view text, size_t& at) {
  if (at < text.size() && text[at] == '"') {
    std::string name = Unquote(text, at);
    if (name.starts_with('\1')) name.erase(0, 1);
    return name;
  }
  const size_t begin = at;
  while (at < text.size() && IsNameChar(text[at])) ++at;
  return std::string(text.substr(begin, at - begin));
}

// A line taken apart: every @name in order, and the text with all names and
// strings emptied, so that what is left is syntax.
struct Line {
  std::vector<std::string> names;
  std::string syntax;
};

Line TakeApart(std::string_view text) {
  Line line;
  line.syntax.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '@') {
      line.syntax += '@';
      line.names.push_back(ReadName(text, ++at));
    } else if (text[at] == '"') {
      line.syntax += "\"\"";
      Unquote(text, at);
    } else {
      line.syntax += text[at++];
    }
  }
  return line;
}

int ReadInt(std::string_view text, size_t at) {
  int value = -1;
  std::from_chars(text.data() + at, text.data() + text.size(), value);
  return value;
}

// The number behind `mark` ("!dbg !", "scope: !"), or -1.
int NumberAfter(std::string_view text, std::string_view mark) {
  const size_t at = text.find(mark);
  return at == std::string_view::npos ? -1 : ReadInt(text, at + mark.size());
}

// The string behind `mark` ("filename: "), or empty.
std::string StringAfter(std::string_view text, std::string_view mark) {
  size_t at = text.find(mark);
  if (at == std::string_view::npos) return "";
  at += mark.size();
  return at < text.size() && text[at] == '"' ? Unquote(text, at) : "";
}

std::string Linkage(std::string_view syntax) {
  for (const char* linkage :
       {"private", "internal", "linkonce_odr", "linkonce", "weak_odr", "weak",
        "available_externally", "appending", "extern_weak"}) {
    const std::string word = std::string(" ") + linkage + " ";
    if (Contains(syntax, word)) return linkage;
  }
  return "external";
}

// The bytes that a value of the type at the beginning of `type` takes in
// memory; 0 if it can't be told.
int BytesOf(std::string_view type) {
  if (type.starts_with("x86_fp80")) return 10;
  if (type.starts_with("fp128")) return 16;
  if (type.starts_with("double") || type.starts_with("ptr")) return 8;
  if (type.starts_with("float")) return 4;
  if (type.starts_with("half") || type.starts_with("bfloat")) return 2;
  if (type.starts_with('i')) return (std::max(ReadInt(type, 1), 0) + 7) / 8;
  if (type.starts_with('<')) {
    const size_t times = type.find(" x ");
    if (times == std::string_view::npos) return 0;
    return std::max(ReadInt(type, 1), 0) * BytesOf(type.substr(times + 3));
  }
  return 0;
}

// "%x" in "…, ptr %x, align 8 …", or empty: a constant, a global.
std::string AddressIn(std::string_view syntax) {
  size_t at = syntax.rfind(", ptr ");
  if (at == std::string_view::npos) return "";
  at += std::string_view(", ptr ").size();
  const size_t end = syntax.find_first_of(", )", at);
  const std::string_view address = syntax.substr(at, end - at);
  return address.starts_with('%') ? std::string(address) : "";
}

// Every "%x".
std::vector<std::string> Values(std::string_view syntax) {
  std::vector<std::string> values;
  for (size_t at = syntax.find('%'); at != std::string_view::npos;
       at = syntax.find('%', at)) {
    const size_t begin = at++;
    while (at < syntax.size() && IsNameChar(syntax[at])) ++at;
    values.emplace_back(syntax.substr(begin, at - begin));
  }
  return values;
}

// What a pointer that is computed here was made from.
void NotePointer(const std::string& syntax, IrFunction& function) {
  const size_t is = syntax.find(" = ");
  if (is == std::string::npos || !syntax.starts_with("  %")) return;
  std::string name = syntax.substr(2, is - 2);
  const std::string_view made = std::string_view(syntax).substr(is + 3);
  if (made.starts_with("alloca ")) {
    function.pointers[std::move(name)];
  } else if (made.starts_with("getelementptr ")) {
    const size_t from = made.find(", ptr ");
    std::string base;
    if (from != std::string_view::npos) {
      const std::string_view rest = made.substr(from + 6);
      if (rest.starts_with('%')) base = Values(rest).front();
    }
    function.pointers[std::move(name)] = {std::move(base)};
  } else if (made.starts_with("phi ptr ") || made.starts_with("select i1 ")) {
    const bool constants = Contains(made, "@");
    std::vector<std::string> from;
    if (made.starts_with("phi")) {
      // phi ptr [ %a, %label ], [ %b, %label ]
      for (size_t at = made.find("[ "); at != std::string_view::npos;
           at = made.find("[ ", at + 1)) {
        const std::string_view value = made.substr(at + 2);
        from.push_back(value.starts_with('%') ? Values(value).front() : "");
      }
    } else {
      // select i1 %c, ptr %a, ptr %b
      for (size_t at = made.find(", ptr "); at != std::string_view::npos;
           at = made.find(", ptr ", at + 1)) {
        const std::string_view value = made.substr(at + 6);
        from.push_back(value.starts_with('%') ? Values(value).front() : "");
      }
    }
    if (constants) from.emplace_back();
    function.pointers[std::move(name)] = std::move(from);
  }
}

// Whether the pointer leads into the function's own variables only.
bool IsLocal(const IrFunction& function, const std::string& pointer) {
  std::vector<std::string> queue = {pointer};
  std::set<std::string> seen;
  while (!queue.empty()) {
    const std::string name = std::move(queue.back());
    queue.pop_back();
    if (!seen.insert(name).second) continue;
    const auto made = function.pointers.find(name);
    if (made == function.pointers.end()) return false;
    queue.insert(queue.end(), made->second.begin(), made->second.end());
  }
  return true;
}

// IrUse::unwatched_bytes of a load or store. Small odd sizes do not count:
// structs of three chars are read so.
int UnwatchedBytes(const std::string& syntax, bool load,
                   const IrFunction& function) {
  const std::string_view mark = load ? "load " : "store ";
  size_t at = syntax.find(mark) + mark.size();
  if (syntax.compare(at, 9, "volatile ") == 0) at += 9;
  const int bytes = BytesOf(std::string_view(syntax).substr(at));
  if (bytes <= 8 || bytes == 16) return 0;
  return IsLocal(function, AddressIn(syntax)) ? 0 : bytes;
}

// The first argument of the call of `function`, where it is a number: of
// "call void @f(i64 noundef 12, ptr …)" the 12. 0: it is none.
int FirstNumberOf(std::string_view line, const std::string& function) {
  const std::string call = "@" + function + "(";
  size_t at = line.find(call);
  if (at == std::string_view::npos) return 0;
  at += call.size();
  std::string_view argument = line.substr(at);
  argument = argument.substr(0, argument.find_first_of(",)"));
  argument.remove_prefix(argument.rfind(' ') + 1);
  int number = 0;
  std::from_chars(argument.data(), argument.data() + argument.size(), number);
  return number;
}

}  // namespace

IrModule IrModule::Parse(std::string_view text) {
  IrModule module;
  IrFunction* open = nullptr;
  std::string joined;  // an invoke and the line that ends it
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line[0] == ';') continue;
    if (open != nullptr) {
      if (line == "}") {
        open = nullptr;
      } else if (line.starts_with("  ") && !line.starts_with("    #dbg")) {
        if (text.starts_with("          to label ")) {
          end = text.find('\n');
          joined = std::string(line) + std::string(text.substr(0, end));
          text.remove_prefix(end == std::string_view::npos ? text.size()
                                                           : end + 1);
          line = joined;
        }
        module.ReadInstruction(line, *open);
      }
    } else if (line.starts_with("define ")) {
      module.ReadFunction(line);
      open = &module.functions_.back();
    } else if (line.starts_with("declare ")) {
      const Line parts = TakeApart(line);
      if (!parts.names.empty() && !parts.names[0].starts_with("llvm.")) {
        module.declared_.insert(parts.names[0]);
      }
    } else if (line[0] == '@') {
      module.ReadGlobal(line);
    } else if (line.starts_with("module asm ")) {
      module.module_asm_ = true;
    } else if (line.starts_with("attributes #")) {
      if (Contains(TakeApart(line).syntax, " sanitize_thread ")) {
        module.sanitizing_.insert(
            ReadInt(line, std::string_view("attributes #").size()));
      }
    } else if (line[0] == '!') {
      const int number = ReadInt(line, 1);
      const size_t body = line.find(" = ");
      if (number >= 0 && body != std::string_view::npos) {
        module.metadata_[number] = line.substr(body + 3);
      }
    }
  }
  for (size_t i = 0; i < module.functions_.size(); ++i) {
    for (const int group : module.function_attributes_[i]) {
      if (module.sanitizing_.contains(group)) {
        module.functions_[i].sanitized = true;
      }
    }
  }
  return module;
}

void IrModule::ReadGlobal(std::string_view line) {
  const Line parts = TakeApart(line);
  IrGlobal global;
  global.name = parts.names[0];
  global.linkage = Linkage(parts.syntax);
  global.defined =
      !Contains(parts.syntax, " external ") && global.linkage != "extern_weak";
  global.has_section = Contains(parts.syntax, ", section \"\"");
  if (Contains(parts.syntax, " alias ")) global.kind = IrGlobal::Kind::kAlias;
  if (Contains(parts.syntax, " ifunc ")) global.kind = IrGlobal::Kind::kIfunc;
  global.names.assign(parts.names.begin() + 1, parts.names.end());
  if (global.name == "llvm.global_ctors" ||
      global.name == "llvm.global_dtors") {
    // [{ i32, ptr, ptr } { i32 65535, ptr @f, ptr null }, …]
    size_t name = 1;
    for (size_t at = parts.syntax.find("{ i32 "); at != std::string::npos;
         at = parts.syntax.find("{ i32 ", at + 1), ++name) {
      if (name >= parts.names.size()) break;
      const std::string_view entry =
          std::string_view(parts.syntax)
              .substr(at, parts.syntax.find('}', at) - at);
      // A third field names the variable that is initialized, where each has a
      // function of its own: an inline one, or a template's.
      const bool of_variable = std::count(entry.begin(), entry.end(), '@') > 1;
      const std::string& function = parts.names[name];
      const bool usual =
          ReadInt(parts.syntax, at + 6) == 65535 &&
          (of_variable ? function.starts_with("__cxx_global_var_init")
                       : function.starts_with("_GLOBAL__sub_I_")) &&
          global.name == "llvm.global_ctors";
      if (!usual && function != "tsan.module_ctor") {
        early_constructors_.push_back(function);
      }
      if (of_variable) ++name;
    }
  }
  if (!global.name.starts_with("llvm.")) globals_.push_back(std::move(global));
}

void IrModule::ReadFunction(std::string_view header) {
  const Line parts = TakeApart(header);
  IrFunction function;
  if (!parts.names.empty()) function.name = parts.names[0];
  function.linkage = Linkage(parts.syntax);
  function.subprogram = NumberAfter(parts.syntax, "!dbg !");
  function.has_section = Contains(parts.syntax, " section \"\"");
  std::vector<int> groups;
  for (size_t at = parts.syntax.find('#'); at != std::string::npos;
       at = parts.syntax.find('#', at + 1)) {
    groups.push_back(ReadInt(parts.syntax, at + 1));
  }
  // Copies of what was passed, and the caller's room for what is returned.
  for (const char* own : {"byval(", "sret("}) {
    for (size_t at = parts.syntax.find(own); at != std::string::npos;
         at = parts.syntax.find(own, at + 1)) {
      const size_t close = parts.syntax.find(')', at);
      if (close == std::string::npos) break;
      const auto values = Values(std::string_view(parts.syntax).substr(close));
      if (!values.empty()) function.pointers[values.front()];
    }
  }
  functions_.push_back(std::move(function));
  function_attributes_.push_back(std::move(groups));
}

void IrModule::ReadInstruction(std::string_view line, IrFunction& function) {
  Line parts = TakeApart(line);
  const std::string& syntax = parts.syntax;
  const auto opcode = [&syntax](std::string_view name) {
    return Contains(syntax, std::string(" = ") + std::string(name) + " ") ||
           syntax.starts_with(std::string("  ") + std::string(name) + " ");
  };
  IrUse use;
  use.inline_asm = Contains(syntax, " asm ");
  use.other_address_space = Contains(syntax, "addrspace(");
  const bool load = opcode("load"), store = opcode("store");
  use.atomic = opcode("atomicrmw") || opcode("cmpxchg") || opcode("fence") ||
               Contains(syntax, "load atomic ") ||
               Contains(syntax, "store atomic ");
  if (load || store || use.atomic) function.touches_memory = true;
  NotePointer(syntax, function);
  if (load || store) {
    use.unwatched_bytes = UnwatchedBytes(syntax, load, function);
  }
  for (std::string& name : parts.names) {
    function.formats |= name.starts_with("llvm.va_start") ||
                        (name.starts_with('v') && Contains(name, "printf"));
    if (name.starts_with("__atomic_")) {
      use.generic_atomic_bytes = FirstNumberOf(line, name);
    }
    use.unwatched_copy |=
        name.starts_with("llvm.va_copy") || name.starts_with("llvm.masked.");
    if (name.starts_with("llvm.mem") || name.starts_with("llvm.masked.")) {
      function.touches_memory = true;
    }
    if (!name.starts_with("llvm.") || name.starts_with("llvm.x86.")) {
      use.names.push_back(std::move(name));
    }
  }
  if (use.names.empty() && !use.inline_asm && !use.atomic &&
      !use.other_address_space && use.unwatched_bytes == 0 &&
      !use.unwatched_copy) {
    return;
  }
  use.location = NumberAfter(syntax, "!dbg !");
  function.uses.push_back(std::move(use));
}

std::string_view IrModule::Metadata(int number) const {
  const auto it = metadata_.find(number);
  return it == metadata_.end() ? std::string_view() : it->second;
}

IrFrame IrModule::FrameOfScope(int scope) const {
  IrFrame frame;
  // Blocks lie in blocks, in a function. The outermost says its name; the
  // innermost that names a file says the file.
  for (int depth = 0; depth < 256; ++depth) {
    const std::string_view text = Metadata(scope);
    if (text.empty()) break;
    if (frame.file.empty()) {
      frame.file =
          StringAfter(Metadata(NumberAfter(text, "file: !")), "filename: ");
    }
    if (Contains(text.substr(0, 40), "!DISubprogram(")) {
      frame.function = StringAfter(text, "linkageName: ");
      if (frame.function.empty()) frame.function = StringAfter(text, "name: ");
      break;
    }
    scope = NumberAfter(text, "scope: !");
  }
  return frame;
}

std::vector<IrFrame> IrModule::Frames(int location) const {
  std::vector<IrFrame> frames;
  while (location >= 0 && frames.size() < 256) {
    const std::string_view text = Metadata(location);
    if (text.empty()) break;
    IrFrame frame = FrameOfScope(NumberAfter(text, "scope: !"));
    frame.line = NumberAfter(text, "line: ");
    frames.push_back(std::move(frame));
    location = NumberAfter(text, "inlinedAt: !");
  }
  return frames;
}

IrFrame IrModule::Place(const IrFunction& function) const {
  IrFrame frame = FrameOfScope(function.subprogram);
  frame.line = NumberAfter(Metadata(function.subprogram), ", line: ");
  if (frame.function.empty()) frame.function = function.name;
  return frame;
}

}  // namespace racelab::build
