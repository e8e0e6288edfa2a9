// Streams: their insertions and extractions are code of libstdc++.so, which
// nobody instrumented. Without what is here, no engine would see that two
// threads write to one std::ostringstream without a lock.
//
// The program's calls come here, since a runner's symbols stand before the
// library's. What is to be done the library does; told is the one word that it
// surely changes: where in its buffer the stream goes on. std::cout and its
// like may be used by all threads at once ([iostream.objects.overview]):
// nothing is told of them.
//
// Take it whole into a runner that answers __tsan_*.
//
// Thread safety: that of streams.

#include <iostream>
#include <istream>
#include <ostream>
#include <streambuf>
#include <string>

#include "runtimes/common/interposing.h"

namespace racelab::runtimes {
namespace {

// A streambuf's own words.
struct Buffer : std::streambuf {
  static void* PutNext(std::streambuf* buffer) {
    return &(buffer->*(&Buffer::_M_out_cur));
  }
  static void* GetNext(std::streambuf* buffer) {
    return &(buffer->*(&Buffer::_M_in_cur));
  }
};

// Null: nothing is to be told.
std::streambuf* BufferOf(const std::ios& stream) {
  std::streambuf* const buffer = stream.rdbuf();
  for (const std::ios* standard : {static_cast<const std::ios*>(&std::cout),
                                   static_cast<const std::ios*>(&std::cerr),
                                   static_cast<const std::ios*>(&std::clog),
                                   static_cast<const std::ios*>(&std::cin)}) {
    if (buffer == standard->rdbuf()) return nullptr;
  }
  return buffer;
}

template <typename Stream>
void Tell(Stream& stream, void* (*word)(std::streambuf*), void* pc) {
  const Teller teller(pc);
  if (!teller.on()) return;
  teller.Read(&stream);  // before it is followed: it may be no more
  if (std::streambuf* buffer = BufferOf(stream)) teller.Wrote(word(buffer));
}

}  // namespace

// RACELAB_STREAM(int, GetNext, Get, "_ZNSi3getEv", (std::istream & stream),
// (stream)): in place of std::istream::get(). A member's first argument is
// `this`.
#define RACELAB_STREAM(Result, Word, Name, symbol, Parameters, arguments) \
  Result Name Parameters RACELAB_NAMED(symbol);                           \
  Result Name Parameters {                                                \
    static constinit Library<Result Parameters> library(symbol);          \
    Tell(stream, &Buffer::Word, RACELAB_PC);                              \
    return library.get() arguments;                                       \
  }
#define RACELAB_INSERT(Name, symbol, Value)            \
  RACELAB_STREAM(std::ostream&, PutNext, Name, symbol, \
                 (std::ostream & stream, Value value), (stream, value))
#define RACELAB_EXTRACT(Name, symbol, Value)           \
  RACELAB_STREAM(std::istream&, GetNext, Name, symbol, \
                 (std::istream & stream, Value value), (stream, value))

RACELAB_INSERT(InsertShort, "_ZNSolsEs", short)
RACELAB_INSERT(InsertInt, "_ZNSolsEi", int)
RACELAB_INSERT(InsertBool, "_ZNSo9_M_insertIbEERSoT_", bool)
RACELAB_INSERT(InsertLong, "_ZNSo9_M_insertIlEERSoT_", long)
RACELAB_INSERT(InsertUnsigned, "_ZNSo9_M_insertImEERSoT_", unsigned long)
RACELAB_INSERT(InsertLongLong, "_ZNSo9_M_insertIxEERSoT_", long long)
RACELAB_INSERT(InsertUnsignedLongLong, "_ZNSo9_M_insertIyEERSoT_",
               unsigned long long)
RACELAB_INSERT(InsertDouble, "_ZNSo9_M_insertIdEERSoT_", double)
RACELAB_INSERT(InsertLongDouble, "_ZNSo9_M_insertIeEERSoT_", long double)
RACELAB_INSERT(InsertPointer, "_ZNSo9_M_insertIPKvEERSoT_", const void*)
RACELAB_INSERT(Put, "_ZNSo3putEc", char)
RACELAB_INSERT(InsertChar,
               "_ZStlsISt11char_traitsIcEERSt13basic_ostreamIcT_ES5_c", char)
RACELAB_INSERT(InsertCString,
               "_ZStlsISt11char_traitsIcEERSt13basic_ostreamIcT_ES5_PKc",
               const char*)

RACELAB_EXTRACT(ExtractShort, "_ZNSirsERs", short&)
RACELAB_EXTRACT(ExtractInt, "_ZNSirsERi", int&)
RACELAB_EXTRACT(ExtractBool, "_ZNSi10_M_extractIbEERSiRT_", bool&)
RACELAB_EXTRACT(ExtractLong, "_ZNSi10_M_extractIlEERSiRT_", long&)
RACELAB_EXTRACT(ExtractUnsigned, "_ZNSi10_M_extractIjEERSiRT_", unsigned&)
RACELAB_EXTRACT(ExtractUnsignedLong, "_ZNSi10_M_extractImEERSiRT_",
                unsigned long&)
RACELAB_EXTRACT(ExtractFloat, "_ZNSi10_M_extractIfEERSiRT_", float&)
RACELAB_EXTRACT(ExtractDouble, "_ZNSi10_M_extractIdEERSiRT_", double&)
RACELAB_EXTRACT(ExtractChar,
                "_ZStrsIcSt11char_traitsIcEERSt13basic_istreamIT_T0_ES6_RS3_",
                char&)
RACELAB_EXTRACT(ExtractString,
                "_ZStrsIcSt11char_traitsIcESaIcEERSt13basic_istreamIT_T0_ES7_"
                "RNSt7__cxx1112basic_stringIS4_S5_T1_EE",
                std::string&)

RACELAB_STREAM(
    std::ostream&, PutNext, InsertChars,
    "_ZSt16__ostream_insertIcSt11char_traitsIcEERSt13basic_ostreamIT_"
    "T0_ES6_PKS3_l",
    (std::ostream & stream, const char* chars, std::streamsize count),
    (stream, chars, count))
RACELAB_STREAM(std::ostream&, PutNext, Write, "_ZNSo5writeEPKcl",
               (std::ostream & stream, const char* chars,
                std::streamsize count),
               (stream, chars, count))
RACELAB_STREAM(std::istream&, GetNext, GetLine,
               "_ZSt7getlineIcSt11char_traitsIcESaIcEERSt13basic_istreamIT_T0_"
               "ES7_RNSt7__cxx1112basic_stringIS4_S5_T1_EES4_",
               (std::istream & stream, std::string& line, char end),
               (stream, line, end))
RACELAB_STREAM(int, GetNext, Get, "_ZNSi3getEv", (std::istream & stream),
               (stream))

}  // namespace racelab::runtimes
