#ifndef MARKET_PRICE_LIST_H_
#define MARKET_PRICE_LIST_H_

#include <memory>
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
      : current_(std::make_shared<const Cents>(articles, cents)) {}

  // Shows the reader every article.
  void Read(Reader& reader) const;

  // Makes everything dearer.
  void RaiseAll(int cents);

  // Makes an article as cheap as this. False, and nothing is changed, if it is
  // not dearer than that already.
  bool LowerTo(int article, int cents);

 private:
  using Cents = std::vector<int>;
  std::shared_ptr<const Cents> Current() const;
  void Publish(Cents cents);

  std::mutex raising_;   // held from the look at a list to the next one
  std::mutex lowering_;  // likewise
  mutable std::mutex lock_;
  std::shared_ptr<const Cents> current_;  // guarded by lock_; the list itself
                                          // never changes
};

}  // namespace market

#endif  // MARKET_PRICE_LIST_H_
