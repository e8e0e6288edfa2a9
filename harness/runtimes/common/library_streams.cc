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

void TellOutput(std::ostream& stream, void* pc) {
  const Teller teller(pc);
  if (!teller.on()) return;
  teller.Read(&stream);  // of a stream that is no more, this tells
  if (std::streambuf* buffer = BufferOf(stream)) {
    teller.Wrote(Buffer::PutNext(buffer));
  }
}

void TellInput(std::istream& stream, void* pc) {
  const Teller teller(pc);
  if (!teller.on()) return;
  teller.Read(&stream);
  if (std::streambuf* buffer = BufferOf(stream)) {
    teller.Wrote(Buffer::GetNext(buffer));
  }
}

}  // namespace

// RACELAB_INSERT(Insert, "_ZNSolsEi", int): std::ostream's operator<<(int), or
// what it calls. A member's first argument is `this`.
#define RACELAB_STREAM(Stream, Tell, Name, symbol, Value)              \
  Stream& Name(Stream&, Value) RACELAB_NAMED(symbol);                  \
  Stream& Name(Stream& stream, Value value) {                          \
    static constinit Library<Stream&(Stream&, Value)> library(symbol); \
    Tell(stream, RACELAB_PC);                                          \
    return library.get()(stream, value);                               \
  }
#define RACELAB_INSERT(Name, symbol, Value) \
  RACELAB_STREAM(std::ostream, TellOutput, Name, symbol, Value)
#define RACELAB_EXTRACT(Name, symbol, Value) \
  RACELAB_STREAM(std::istream, TellInput, Name, symbol, Value)

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

// The library's names for what takes more or less than one value.
std::ostream& InsertChars(std::ostream&, const char*, std::streamsize)
    RACELAB_NAMED(
        "_ZSt16__ostream_insertIcSt11char_traitsIcEERSt13basic_"
        "ostreamIT_T0_ES6_PKS3_l");
std::ostream& Write(std::ostream&, const char*, std::streamsize)
    RACELAB_NAMED("_ZNSo5writeEPKcl");
std::istream& GetLine(std::istream&, std::string&, char) RACELAB_NAMED(
    "_ZSt7getlineIcSt11char_traitsIcESaIcEERSt13basic_istreamIT_"
    "T0_ES7_RNSt7__cxx1112basic_stringIS4_S5_T1_EES4_");
int Get(std::istream&) RACELAB_NAMED("_ZNSi3getEv");

std::ostream& InsertChars(std::ostream& stream, const char* chars,
                          std::streamsize count) {
  static constinit Library<std::ostream&(std::ostream&, const char*,
                                         std::streamsize)>
      library(
          "_ZSt16__ostream_insertIcSt11char_traitsIcEERSt13basic_ostreamIT_T0_"
          "ES6_PKS3_l");
  TellOutput(stream, RACELAB_PC);
  return library.get()(stream, chars, count);
}

std::ostream& Write(std::ostream& stream, const char* chars,
                    std::streamsize count) {
  static constinit Library<std::ostream&(std::ostream&, const char*,
                                         std::streamsize)>
      library("_ZNSo5writeEPKcl");
  TellOutput(stream, RACELAB_PC);
  return library.get()(stream, chars, count);
}

std::istream& GetLine(std::istream& stream, std::string& line, char end) {
  static constinit Library<std::istream&(std::istream&, std::string&, char)>
      library(
          "_ZSt7getlineIcSt11char_traitsIcESaIcEERSt13basic_istreamIT_T0_ES7_"
          "RNSt7__cxx1112basic_stringIS4_S5_T1_EES4_");
  TellInput(stream, RACELAB_PC);
  return library.get()(stream, line, end);
}

int Get(std::istream& stream) {
  static constinit Library<int(std::istream&)> library("_ZNSi3getEv");
  TellInput(stream, RACELAB_PC);
  return library.get()(stream);
}

}  // namespace racelab::runtimes
