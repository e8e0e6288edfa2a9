#include "runtimes/model/bridge/thread_exit.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include <condition_variable>
#include <string>

#include "runtimes/common/library_at_exit.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/platform/real.h"

namespace racelab::model {
namespace {

// The program's keys have numbers that the C library never gives.
constexpr pthread_key_t kFirstKey = 1u << 20;
constexpr uint32_t kKeys = ThreadState::kMaxKeys;

struct Key {
  bool used = false;
  void (*destructor)(void*) = nullptr;
};
Key keys[kKeys];
uint32_t keys_used = 0;

bool IsOurs(pthread_key_t key) { return key - kFirstKey < kKeys; }

void RunDestructors(ThreadState& self) {
  while (self.destructors > 0) {
    const ThreadState::Destructor last =
        self.destructor_list[--self.destructors];
    execution.inside = false;
    last.function(last.object);
    execution.inside = true;
  }
}

}  // namespace

void RunThreadExit() {
  ThreadState& self = execution.self();
  RunDestructors(self);
  while (self.at_exit != nullptr) {
    std::__at_thread_exit_elt* const element = self.at_exit;
    self.at_exit = element->_M_next;
    execution.inside = false;
    element->_M_cb(element);
    execution.inside = true;
  }
  if (!self.used_keys) return;
  for (int round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS; ++round) {
    bool any = false;
    for (uint32_t i = 0; i < keys_used; ++i) {
      void* value = self.keys[i];
      if (value == nullptr || keys[i].destructor == nullptr) continue;
      self.keys[i] = nullptr;
      any = true;
      execution.inside = false;
      keys[i].destructor(value);
      execution.inside = true;
    }
    if (!any) break;
  }
  RunDestructors(self);
}

void ResetKeys() {
  for (uint32_t i = 0; i < keys_used; ++i) keys[i] = Key();
  keys_used = 0;
}

}  // namespace racelab::model

void racelab::runtimes::AtThreadExit(std::__at_thread_exit_elt* element) {
  model::ThreadState& self = model::execution.self();
  element->_M_next = self.at_exit;
  self.at_exit = element;
}

using namespace racelab::model;

extern "C" {

// Called for every thread_local with a destructor, when it is first used.
int __cxa_thread_atexit_impl(void (*)(void*), void*, void*);

int __cxa_thread_atexit(void (*destructor)(void*), void* object,
                        void* library) {
  if (!InProgram()) {
    return __cxa_thread_atexit_impl(destructor, object, library);
  }
  ThreadState& self = execution.self();
  if (self.destructors == ThreadState::kMaxDestructors) {
    Unsupported("A thread has more than " +
                std::to_string(ThreadState::kMaxDestructors) +
                " thread_local objects with destructors.");
  }
  self.destructor_list[self.destructors++] = {destructor, object};
  return 0;
}

int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  if (!InProgram()) return Real().pthread_key_create(key, destructor);
  for (uint32_t i = 0; i < kKeys; ++i) {
    if (keys[i].used) continue;
    keys[i] = {true, destructor};
    if (i >= keys_used) keys_used = i + 1;
    for (int t = 0; t < execution.created; ++t) {
      execution.threads[t].keys[i] = nullptr;
    }
    *key = kFirstKey + i;
    return 0;
  }
  return EAGAIN;
}

int pthread_key_delete(pthread_key_t key) noexcept {
  if (!IsOurs(key)) return Real().pthread_key_delete(key);
  keys[key - kFirstKey] = Key();
  return 0;
}

void* pthread_getspecific(pthread_key_t key) noexcept {
  if (!IsOurs(key)) return Real().pthread_getspecific(key);
  return execution.self().keys[key - kFirstKey];
}

int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
  if (!IsOurs(key)) return Real().pthread_setspecific(key, value);
  if (!keys[key - kFirstKey].used) return EINVAL;
  ThreadState& self = execution.self();
  self.keys[key - kFirstKey] = const_cast<void*>(value);
  self.used_keys = true;
  return 0;
}

}  // extern "C"
