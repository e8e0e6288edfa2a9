// An array that grows, for what lives as long as an execution.
//
// It maps its memory instead of taking it from the heap, since the heap may be
// the one that the checked program uses, and it keeps it, so that nothing is
// allocated once the largest execution has been seen.
//
// Thread safety: none.

#ifndef RACELAB_RUNTIMES_MODEL_MEMORY_POOL_H_
#define RACELAB_RUNTIMES_MODEL_MEMORY_POOL_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace racelab::model {

// Zeroed pages, which cost nothing until they are touched; aborts with a
// message where the kernel has none left.
void* MapMemory(size_t size);
// Moves and enlarges a mapping.
void* RemapMemory(void* memory, size_t old_size, size_t new_size);
void UnmapMemory(void* memory, size_t size);
// Where in its page the next array is to start. Small arrays that all started
// with a page would compete for the same few lines of the processor's cache.
size_t NextSkew();

template <typename T>
class Pool {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  Pool() = default;
  ~Pool() {
    if (data_ != nullptr) UnmapMemory(Mapping(), Bytes(capacity_));
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Drops the contents, keeps the memory.
  void clear() { size_ = 0; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t index) { return data_[index]; }
  const T& operator[](size_t index) const { return data_[index]; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& back() { return data_[size_ - 1]; }
  void pop_back() { --size_; }

  // `count` more elements with indefinite contents; returns the first's index.
  // Moves what there is.
  size_t Extend(size_t count) {
    const size_t first = size_;
    size_ += count;
    if (size_ > capacity_) [[unlikely]] {
      Grow();
    }
    return first;
  }
  void push_back(const T& value) {
    const T copy = value;  // it may be one of the elements
    const size_t index = Extend(1);
    data_[index] = copy;
  }

 private:
  void Grow() {
    size_t capacity =
        capacity_ == 0 ? (4096 + sizeof(T) - 1) / sizeof(T) : 2 * capacity_;
    while (capacity < size_) capacity *= 2;
    if (data_ == nullptr) skew_ = NextSkew();
    char* mapping = static_cast<char*>(
        data_ == nullptr
            ? MapMemory(Bytes(capacity))
            : RemapMemory(Mapping(), Bytes(capacity_), Bytes(capacity)));
    data_ = reinterpret_cast<T*>(mapping + skew_);
    capacity_ = capacity;
  }
  void* Mapping() { return reinterpret_cast<char*>(data_) - skew_; }
  size_t Bytes(size_t capacity) const { return skew_ + capacity * sizeof(T); }

  T* data_ = nullptr;
  size_t skew_ = 0;  // from the start of the mapping
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace racelab::model

#endif  // RACELAB_RUNTIMES_MODEL_MEMORY_POOL_H_
