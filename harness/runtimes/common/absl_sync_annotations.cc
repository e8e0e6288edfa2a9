// What Abseil's headers call that describe their mutexes to ThreadSanitizer.
// The pthread calls behind the mutexes say it all; weak, since libtsan has its
// own.

#define WEAK __attribute__((weak))

extern "C" {
WEAK void __tsan_mutex_create(void*, unsigned) {}
WEAK void __tsan_mutex_destroy(void*, unsigned) {}
WEAK void __tsan_mutex_pre_lock(void*, unsigned) {}
WEAK void __tsan_mutex_post_lock(void*, unsigned, int) {}
WEAK int __tsan_mutex_pre_unlock(void*, unsigned) { return 0; }
WEAK void __tsan_mutex_post_unlock(void*, unsigned) {}
WEAK void __tsan_mutex_pre_signal(void*, unsigned) {}
WEAK void __tsan_mutex_post_signal(void*, unsigned) {}
WEAK void __tsan_mutex_pre_divert(void*, unsigned) {}
WEAK void __tsan_mutex_post_divert(void*, unsigned) {}
}  // extern "C"
