// Which known mistake does this answer make? The rejected answers kept for a
// lab are compared with what the student changed.

#ifndef RACELAB_CLI_MISCONCEPTIONS_H_
#define RACELAB_CLI_MISCONCEPTIONS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "manifest/manifest.h"
#include "manifest/submission.h"
#include "verdict/verdict.h"

namespace racelab::cli {

// How alike two changes of one starter are, 0 to 1: the cosine between the
// changes in how often each sequence of three tokens occurs. Comments and
// layout do not count; nor do the names of what the student has added, apart
// from names of the standard library that the other change uses as well. 0 if
// either changes nothing.
double Likeness(const manifest::Files& starter, const manifest::Files& a,
                const manifest::Files& b);

class Misconceptions {
 public:
  // Reads the rejected answers, if there are any: a handout has none.
  Misconceptions(const Context& context, const manifest::Lab& lab,
                 const manifest::Files& files);

  // The misconception of the rejected answer that fails as `result` does (test,
  // engine, kind) and whose change is the most like the student's; empty if
  // none is alike enough, or is made with what the student's is not, or if a
  // right answer is as much like it: then what is wrong is something else.
  std::string SentenceFor(const verdict::TestResult& result) const;

 private:
  struct Known {
    manifest::RejectedAnswer answer;
    double likeness = 0;
  };
  std::vector<Known> known_;  // the most alike first
};

}  // namespace racelab::cli

#endif  // RACELAB_CLI_MISCONCEPTIONS_H_
