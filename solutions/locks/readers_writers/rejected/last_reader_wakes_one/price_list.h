#ifndef MARKET_PRICE_LIST_H_
#define MARKET_PRICE_LIST_H_

#include <condition_variable>
#include <mutex>
#include <vector>

namespace market {

// Somebody who reads the list, from the first article to the last.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual void See(int article, int cents) = 0;
};

class PriceList {
 public:
  // Articles are numbered from 0; each costs `cents` at first.
  PriceList(int articles, int cents) : cents_(articles, cents) {}

  // Shows the reader every article.
  void Read(Reader& reader) const;

  // Makes everything dearer.
  void RaiseAll(int cents);

  // Makes an article as cheap as this. False, and nothing is changed, if it is
  // not dearer than that already.
  bool LowerTo(int article, int cents);

 private:
  mutable std::mutex lock_;
  mutable std::condition_variable changed_;
  mutable int readers_ = 0;  // guarded by lock_
  std::vector<int> cents_;   // read while counted in readers_; changed with
                             // lock_ held and no readers
};

}  // namespace market

#endif  // MARKET_PRICE_LIST_H_
