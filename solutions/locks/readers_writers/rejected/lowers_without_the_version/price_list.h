// The price list of a market: customers read it all day long, the market's
// office changes it now and then.
//
// Contract
//   - Any number of threads may call any function at the same time.
//   - A reader sees the whole list as it was at one moment, with every change
//     that was over before he began. Reading takes long, and the list that he
//     reads does not change under his eyes.
//   - Readers do not wait for one another: any number of them can be reading
//     at the same time.
//   - Every change is one step: no price is changed between a function's look
//     at it and its change.
//
// The public part stays as it is; the private part is yours.

#ifndef MARKET_PRICE_LIST_H_
#define MARKET_PRICE_LIST_H_

#include <atomic>
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
  PriceList(int articles, int cents) : cents_(articles) {
    for (auto& price : cents_) price = cents;
  }

  // Shows the reader every article.
  void Read(Reader& reader) const;

  // Makes everything dearer.
  void RaiseAll(int cents);

  // Makes an article as cheap as this. False, and nothing is changed, if it is
  // not dearer than that already.
  bool LowerTo(int article, int cents);

 private:
  std::mutex office_;
  std::atomic<unsigned> version_{0};  // odd: being changed
  std::vector<std::atomic<int>> cents_;
};

}  // namespace market

#endif  // MARKET_PRICE_LIST_H_
