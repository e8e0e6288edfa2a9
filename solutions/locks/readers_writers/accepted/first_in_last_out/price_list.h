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
  void ReaderComes() const;
  void ReaderGoes() const;

  mutable std::mutex counting_;
  mutable int readers_ = 0;  // guarded by counting_
  // One permit. Held by whoever changes the list, or by the readers together:
  // the first takes it, the last gives it back. A semaphore, since a mutex must
  // be unlocked by the thread that has locked it.
  mutable std::binary_semaphore list_free_{1};
  std::vector<int> cents_;  // belongs to whoever holds list_free_
};

}  // namespace market

#endif  // MARKET_PRICE_LIST_H_
