#ifndef MARKET_PRICE_LIST_H_
#define MARKET_PRICE_LIST_H_

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
  PriceList(int articles, int cents)
      : hanging_(articles, cents), next_(articles, cents) {}

  // Shows the reader every article.
  void Read(Reader& reader) const;

  // Makes everything dearer.
  void RaiseAll(int cents);

  // Makes an article as cheap as this. False, and nothing is changed, if it is
  // not dearer than that already.
  bool LowerTo(int article, int cents);

 private:
  void HangUp() const;

  mutable std::mutex lock_;
  mutable int readers_ = 0;           // guarded by lock_
  mutable std::vector<int> hanging_;  // replaced only while nobody reads
  std::vector<int> next_;             // guarded by lock_; what the office wants
};

}  // namespace market

#endif  // MARKET_PRICE_LIST_H_
