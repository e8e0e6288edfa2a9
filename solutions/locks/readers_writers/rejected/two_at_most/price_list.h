#ifndef MARKET_PRICE_LIST_H_
#define MARKET_PRICE_LIST_H_

#include <mutex>
#include <semaphore>
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
  // A reader takes one permit, a writer all of them.
  static constexpr int kReaders = 2;
  mutable std::counting_semaphore<> permits_{kReaders};
  std::mutex writers_;
  std::vector<int> cents_;  // changed with all permits
};

}  // namespace market

#endif  // MARKET_PRICE_LIST_H_
