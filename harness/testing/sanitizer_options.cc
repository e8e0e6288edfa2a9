// For programs that are built with a sanitizer and that tests start: they run
// in the sandbox, where LeakSanitizer may not trace, and crash on purpose,
// which is the caller's to see. The tests' own binaries look for leaks.

extern "C" {

const char* __asan_default_options();
const char* __asan_default_options() {
  return "detect_leaks=0:handle_segv=0:handle_abort=0:handle_sigbus=0:"
         "handle_sigfpe=0:handle_sigill=0:allow_user_segv_handler=1";
}

const char* __tsan_default_options();
const char* __tsan_default_options() {
  return "handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigfpe=0:"
         "handle_sigill=0:die_after_fork=0";
}

}  // extern "C"
