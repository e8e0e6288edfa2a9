// Weak compare-exchanges that clang's modules can be told of.
//
// A weak compare-exchange may fail on the very value that it expects, and the
// model tries that. GCC's ThreadSanitizer pass calls
// __tsan_atomicN_compare_exchange_weak for one. Clang's calls …_val for weak
// and strong ones alike and takes the expected value for success, so nobody
// could tell the program of such a failure. With this header its modules call
// …_weak, too, wherever libstdc++ or a program uses the builtins.
//
// build/ includes it before all else in units that clang instruments; labs
// need not know of it. Its functions leave no lines of their own in a trace.

#ifndef LABKIT_WEAK_EXCHANGE_H_
#define LABKIT_WEAK_EXCHANGE_H_

#if defined(__clang__) && defined(RACELAB_INSTRUMENTED)

namespace labkit::internal {

// Of other sizes are libatomic's, which lock.
template <unsigned long kBytes>
struct Word {
  static constexpr bool kExists = false;
};

// Declared as in sanitizer/tsan_interface_atomic.h.
#define LABKIT_WORD(bits, type)                                       \
  extern "C" int __tsan_atomic##bits##_compare_exchange_weak(         \
      volatile type* object, type* expected, type desired, int order, \
      int failure_order) noexcept;                                    \
  template <>                                                         \
  struct Word<sizeof(type)> {                                         \
    static constexpr bool kExists = true;                             \
    using Type = type;                                                \
    static constexpr auto kExchange =                                 \
        &__tsan_atomic##bits##_compare_exchange_weak;                 \
  };
LABKIT_WORD(8, unsigned char)
LABKIT_WORD(16, unsigned short)
LABKIT_WORD(32, unsigned int)
LABKIT_WORD(64, unsigned long)
LABKIT_WORD(128, unsigned __int128)
#undef LABKIT_WORD

template <typename T>
[[gnu::always_inline, gnu::nodebug]] inline bool WeakExchange(
    volatile T* object, void* expected, const void* desired, int order,
    int failure_order) {
  using W = Word<sizeof(T)>;
  if constexpr (W::kExists) {
    typename W::Type seen, wanted;
    __builtin_memcpy(&seen, expected, sizeof seen);
    __builtin_memcpy(&wanted, desired, sizeof wanted);
    if (W::kExchange((volatile typename W::Type*)object, &seen, wanted, order,
                     failure_order)) {
      return true;
    }
    __builtin_memcpy(expected, &seen, sizeof seen);
  }
  return false;
}

template <typename T>
struct Same {
  using Type = T;
};

template <typename T>
[[gnu::always_inline, gnu::nodebug]] inline bool WeakExchangeValue(
    volatile T* object, void* expected, typename Same<T>::Type desired,
    int order, int failure_order) {
  return WeakExchange(object, expected, &desired, order, failure_order);
}

}  // namespace labkit::internal

#define __atomic_compare_exchange_n(object, expected, desired, weak, order,    \
                                    failure_order)                             \
  ((weak) && labkit::internal::Word<sizeof(*(object))>::kExists                \
       ? labkit::internal::WeakExchangeValue(object, expected, desired, order, \
                                             failure_order)                    \
       : __atomic_compare_exchange_n(object, expected, desired, weak, order,   \
                                     failure_order))

#define __atomic_compare_exchange(object, expected, desired, weak, order,  \
                                  failure_order)                           \
  ((weak) && labkit::internal::Word<sizeof(*(object))>::kExists            \
       ? labkit::internal::WeakExchange(object, expected, desired, order,  \
                                        failure_order)                     \
       : __atomic_compare_exchange(object, expected, desired, weak, order, \
                                   failure_order))

#endif  // clang's, instrumented

#endif  // LABKIT_WEAK_EXCHANGE_H_
