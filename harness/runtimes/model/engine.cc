#include "runtimes/model/engine.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "runtimes/model/execution.h"
#include "runtimes/model/memory/clocks.h"
#include "runtimes/model/relacy_platform.h"

// Relacy defines these inline; the runner has strong ones (bridge/heap.cc), and
// what is allocated by one must not be freed by another.
[[gnu::noinline]] void* operator new(size_t size);
[[gnu::noinline]] void* operator new[](size_t size);
[[gnu::noinline]] void operator delete(void* memory) noexcept;
[[gnu::noinline]] void operator delete[](void* memory) noexcept;

#pragma GCC diagnostic push
// GCC thinks an inline function that is not to be inlined a mistake.
#pragma GCC diagnostic ignored "-Wattributes"
// relacy.hpp includes everything; these are the parts that an execution needs.
// The order is Relacy's.
// clang-format off
#include <relacy/context.hpp>
#include <relacy/context_base_impl.hpp>
#include <relacy/var.hpp>
#include <relacy/atomic.hpp>
#include <relacy/stdlib/mutex.hpp>
#include <relacy/stdlib/condition_variable.hpp>
#include <relacy/stdlib/semaphore.hpp>
#include <relacy/stdlib/event.hpp>
#include <relacy/test_suite.hpp>
// clang-format on
#pragma GCC diagnostic pop

#undef $

namespace racelab::model {
namespace {

// Relacy's scheduler, as context_impl expects it: passes every choice on.
template <rl::thread_id_t N>
class SeamScheduler {
 public:
  struct shared_context_t {};

  SeamScheduler(rl::test_params&, shared_context_t&, rl::thread_id_t) {}

  rl::thread_id_t iteration_begin(rl::iteration_t) { return 0; }
  bool iteration_end() { return true; }
  rl::iteration_t iteration_count() { return 1; }

  rl::thread_id_t schedule(rl::unpark_reason& reason, unsigned) {
    reason = rl::unpark_reason_normal;
    return PickThread();
  }
  unsigned rand(unsigned limit, rl::sched_type type) {
    // Asked for each store from the newest backwards: 0 is to read it.
    return Choose(type == rl::sched_type_atomic_load ? DecisionKind::kReadsFrom
                                                     : DecisionKind::kOther,
                  limit, execution.pending[execution.current]);
  }
  // The caller has blocked itself; deadlocks are PickThread's to find.
  bool park_current_thread(bool, bool) { return true; }
  void unpark_thread(rl::thread_id_t thread, bool) { Unblock(thread); }

  rl::thread_finish_result thread_finished() {
    return execution.finished == execution.created
               ? rl::thread_finish_result_last
               : rl::thread_finish_result_normal;
  }
  rl::thread_id_t create_thread() { return execution.created++; }

  void get_state(std::ostream&) {}
  void set_state(std::istream&) {}
};

template <rl::thread_id_t N>
struct Program : rl::test_suite<Program<N>, 1> {
  static rl::thread_id_t const dynamic_thread_count = N - 1;
  static inline void (*started)() = nullptr;

  void thread(unsigned) { started(); }
};

template <rl::thread_id_t N>
class RelacyEngine : public Engine {
 public:
  using Context = rl::context_impl<Program<N>, SeamScheduler<N>>;

  RelacyEngine() {
    context_ = std::make_unique<Context>(parameters_, shared_);
    base_ = rl::context_holder<>::instance_;
    main_ = relacy_main_fiber;
    for (int i = 0; i < N; ++i) fibers_[i] = relacy_fibers[i];
    // Once, Relacy starts a thread in its own way, so that it has a test suite.
    // From then on the fibers enter the program directly: what Relacy does when
    // a thread starts or ends serves synchronization objects of its own.
    started_ = this;
    Program<N>::started = [] {
      started_->info_ = static_cast<rl::aligned<rl::thread_info<N>>*>(
          static_cast<rl::thread_info<N>*>(rl::ctx().threadx_));
      started_->Abandon();
    };
    base_->threadx_ = nullptr;
    context_->iteration(1);
    for (int i = 0; i < N; ++i) {
      fibers_[i]->entry = &Enter;
      clocks_[i].current = info_[i].acq_rel_order_;
      clocks_[i].acquire_fence = info_[i].acquire_fence_order_;
      clocks_[i].release_fence = info_[i].release_fence_order_;
    }
  }

  int capacity() const override { return N; }

  void Iterate() override {
    rl::context_holder<>::instance_ = base_;
    base_->threadx_ = nullptr;
    if (execution.clocks[0].current != clocks_[0].current) {
      std::copy_n(clocks_, N, execution.clocks);
    }
    RestartFiber(*fibers_[0]);
    // Always the same number: Relacy reports progress every few thousand.
    context_->iteration(1);
  }

  // What context_impl::schedule() does, without the parts that serve Relacy's
  // own synchronization objects.
  void SwitchTo(ThreadId thread) override {
    execution.threads[base_->threadx_->index_].live_stack = 0;
    Continue(thread);
  }

  const void* StackPointer(ThreadId thread) const override {
    return fibers_[thread]->stack_pointer;
  }

  ThreadId CreateThread() override {
    const ThreadId thread = execution.created++;
    RestartFiber(*fibers_[thread]);
    Timestamp* parent = clocks_[execution.current].current;
    ++parent[execution.current];
    JoinClock(clocks_[thread].current, parent, N);
    return thread;
  }

  void Leave() override {
    if (execution.finished == execution.created) Abandon();
    Continue(PickThread());
    __builtin_unreachable();
  }

  void Abandon() override {
    Fiber* from = fibers_[base_->threadx_->index_];
    base_->threadx_ = nullptr;
    SwitchFiber(*from, *main_);
    __builtin_unreachable();
  }

  void* NewAtomic(unsigned* slot) override {
    if (used_ == atomics_.size()) {
      atomics_.push_back(std::make_unique<Atomic>());
    }
    // As rl::context::atomic_ctor does, but in memory that is used again.
    Atomic* object = new (atomics_[used_++].get()) Atomic();
    *slot = base_->threadx_->atomic_init(object);
    // Relacy leaves that as it was, and no thread would ever read anything
    // older than the first store.
    for (rl::timestamp_t& seen : object->history_[*slot].first_seen_order_) {
      seen = static_cast<rl::timestamp_t>(-1);
    }
    return object;
  }
  void ForgetAtomics() override { used_ = 0; }

  unsigned AtomicLoad(void* object, Order order, bool newest) override {
    auto* data = static_cast<Atomic*>(object);
    rl::thread_info_base& thread = *base_->threadx_;
    switch (order) {
      case Order::kSeqCst:
        return newest ? thread.atomic_load_seq_cst_rmw(data)
                      : thread.atomic_load_seq_cst(data);
      case Order::kAcquire:
      case Order::kAcqRel:
        return newest ? thread.atomic_load_acquire_rmw(data)
                      : thread.atomic_load_acquire(data);
      case Order::kRelaxed:
      case Order::kRelease:
        break;
    }
    return newest ? thread.atomic_load_relaxed_rmw(data)
                  : thread.atomic_load_relaxed(data);
  }
  unsigned AtomicStore(void* object, Order order) override {
    auto* data = static_cast<Atomic*>(object);
    rl::thread_info_base& thread = *base_->threadx_;
    switch (order) {
      case Order::kSeqCst:
        return thread.atomic_store_seq_cst(data);
      case Order::kRelease:
      case Order::kAcqRel:
        return thread.atomic_store_release(data);
      case Order::kRelaxed:
      case Order::kAcquire:
        break;
    }
    return thread.atomic_store_relaxed(data);
  }
  unsigned AtomicRmw(void* object, Order order) override {
    auto* data = static_cast<Atomic*>(object);
    rl::thread_info_base& thread = *base_->threadx_;
    bool changed_and_back = false;
    switch (order) {
      case Order::kSeqCst:
        return thread.atomic_rmw_seq_cst(data, changed_and_back);
      case Order::kAcqRel:
        return thread.atomic_rmw_acq_rel(data, changed_and_back);
      case Order::kRelease:
        return thread.atomic_rmw_release(data, changed_and_back);
      case Order::kAcquire:
        return thread.atomic_rmw_acquire(data, changed_and_back);
      case Order::kRelaxed:
        break;
    }
    return thread.atomic_rmw_relaxed(data, changed_and_back);
  }
  void AtomicFence(Order order) override {
    switch (order) {
      case Order::kSeqCst:
        return base_->atomic_thread_fence_seq_cst();
      case Order::kAcqRel:
        return base_->atomic_thread_fence_acq_rel();
      case Order::kRelease:
        return base_->atomic_thread_fence_release();
      case Order::kAcquire:
        return base_->atomic_thread_fence_acquire();
      case Order::kRelaxed:
        break;
    }
  }

 private:
  using Atomic = rl::atomic_data_impl<N>;
  static_assert(kAtomicHistory == Atomic::history_size);

  void Continue(ThreadId thread) {
    Fiber* from = fibers_[base_->threadx_->index_];
    base_->threadx_ = &info_[thread];
    SwitchFiber(*from, *fibers_[thread]);
  }

  // A fiber's first function; Relacy gave it the thread's index.
  static void Enter(void* index) {
    const auto thread =
        static_cast<ThreadId>(reinterpret_cast<intptr_t>(index));
    if (thread != 0) RunThread(thread);
    BeginMemory();
    RunProgram();
  }

  static rl::test_params Parameters() {
    rl::test_params parameters;
    // A load may go back as far as the history does.
    parameters.search_type = rl::random_scheduler_type;
    // Ours are counted in PickThread.
    parameters.execution_depth_limit = ~0u;
    return parameters;
  }

  rl::test_params parameters_ = Parameters();
  typename SeamScheduler<N>::shared_context_t shared_;
  std::unique_ptr<Context> context_;
  rl::context* base_ = nullptr;
  Fiber* fibers_[N] = {};
  Fiber* main_ = nullptr;
  rl::aligned<rl::thread_info<N>>* info_ = nullptr;  // Relacy's threads, N
  ThreadClocks clocks_[N];
  static inline RelacyEngine* started_ = nullptr;
  std::vector<std::unique_ptr<Atomic>> atomics_;  // the first used_ are taken
  size_t used_ = 0;
};

// Engines are kept until the process ends: fibers cannot be taken down.
template <rl::thread_id_t N>
absl::StatusOr<Engine*> Kept() {
  static Engine* engine = nullptr;
  if (engine == nullptr) {
    try {
      engine = new RelacyEngine<N>();
    } catch (const std::exception& error) {
      return absl::UnavailableError(error.what());
    }
  }
  return engine;
}

}  // namespace

absl::StatusOr<Engine*> Engine::ForThreads(int threads) {
  if (threads <= 4) return Kept<4>();
  if (threads <= 8) return Kept<8>();
  if (threads <= 16) return Kept<16>();
  return Kept<kMaxThreads>();
}

}  // namespace racelab::model
