#ifndef MARKET_PRICE_LIST_H_
#define MARKET_PRICE_LIST_H_

#include <array>
#include <mutex>
#include <shared_mutex>

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
  PriceList(int articles, int cents) : articles_(articles) {
    for (int article = 0; article < articles; ++article) {
      cents_[article] = cents;
    }
  }

  // Shows the reader every article.
  void Read(Reader& reader) const;

  // Makes everything dearer.
  void RaiseAll(int cents);

  // Makes an article as cheap as this. False, and nothing is changed, if it is
  // not dearer than that already.
  bool LowerTo(int article, int cents);

 private:
  mutable std::shared_mutex lock_;  // readers share it, changes have it alone
  const int articles_;
  std::array<int, 100> cents_;  // guarded by lock_
};

}  // namespace market

#endif  // MARKET_PRICE_LIST_H_
