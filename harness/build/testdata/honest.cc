// Ordinary code that no lab's check may refuse, whatever its may_use says. One
// snippet a function.

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <iomanip>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <queue>
#include <random>
#include <regex>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace honest {

struct Seat {
  int row;
  bool operator==(const Seat&) const = default;
  auto operator<=>(const Seat&) const = default;
};

}  // namespace honest

template <>
struct std::hash<honest::Seat> {
  size_t operator()(const honest::Seat& seat) const noexcept;
};
size_t std::hash<honest::Seat>::operator()(
    const honest::Seat& seat) const noexcept {
  return static_cast<size_t>(seat.row);
}

// Names that libc has too, for variables.
int count = 0;
int signal_level = 3;

namespace honest {

std::vector<int> numbers{3, 1, 2};
thread_local std::string name = "nobody";
constinit int constant = 7;
static std::map<std::string, int> ages = {{"a", 1}, {"b", 2}};
// Declared but not used: no lock is ever taken.
std::mutex unused;

void Streams() {
  std::cout << std::setw(4) << 1 << '\n' << std::hex << 255 << std::endl;
  std::cerr << "oops\n";
  std::ostringstream out;
  out << 1.5 << name;
  name = out.str();
  std::istringstream in("1 2");
  int a, b;
  in >> a >> b;
}
void Stdio() {
  std::printf("%d %s\n", 1, "x");
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%5.2f", 1.0);
  std::puts(buffer);
  int parsed = 0;
  std::sscanf("12", "%d", &parsed);
}
std::string Strings(std::string_view text) {
  std::string copy(text);
  copy += "suffix";
  copy.replace(0, 1, "X");
  return copy.substr(1) + std::to_string(copy.find('x'));
}
int Vectors() {
  std::vector<int> v(10);
  v.push_back(1);
  v.insert(v.begin(), 2);
  v.erase(v.begin());
  return v.at(3) + static_cast<int>(numbers.size());
}
int Maps() {
  std::unordered_map<Seat, int> seats;
  seats[{1}] = 2;
  ages["c"] = 3;
  std::set<Seat> set = {{1}, {2}};
  return seats.at({1}) + static_cast<int>(set.size());
}
int Algorithms() {
  std::sort(numbers.begin(), numbers.end());
  std::stable_sort(numbers.begin(), numbers.end(), std::greater<>());
  auto it =
      std::find_if(numbers.begin(), numbers.end(), [](int n) { return n > 1; });
  return std::accumulate(numbers.begin(), it, 0);
}
std::optional<int> Optional(bool yes) {
  if (!yes) return std::nullopt;
  return std::optional<int>(3).value();
}
int Variant(std::variant<int, std::string> value) {
  return std::visit([](auto& v) { return static_cast<int>(sizeof v); }, value);
}
int Function(const std::function<int(int)>& f) {
  std::function<int()> bound = std::bind(f, 1);
  return bound() + std::invoke(f, 2);
}
int UniquePtr() {
  auto p = std::make_unique<std::vector<int>>(3);
  std::unique_ptr<int[]> array(new int[4]);
  array[0] = 1;
  return static_cast<int>(p->size()) + array[0];
}
int SharedPtr() {
  auto p = std::make_shared<std::string>("x");
  std::weak_ptr<std::string> w = p;
  auto q = w.lock();
  return static_cast<int>(q->size() + p.use_count());
}
void Throws(int n) {
  if (n < 0) throw std::invalid_argument("negative");
  try {
    Throws(n - 1);
  } catch (const std::exception& e) {
    std::cout << e.what();
    throw;
  } catch (...) {
  }
}
int NoExcept() noexcept { return Vectors(); }
void Asserts(int n) { assert(n > 0 && "positive"); }
long long Clocks() {
  const auto begin = std::chrono::steady_clock::now();
  const auto wall = std::chrono::system_clock::now();
  return (std::chrono::steady_clock::now() - begin).count() +
         wall.time_since_epoch().count();
}
double Maths(double x) { return std::sqrt(x) + std::pow(x, 3) + std::sin(x); }
int Random() {
  std::mt19937 engine(1);
  return std::uniform_int_distribution<int>(0, 9)(engine) + std::rand();
}
int& FunctionStatic() {
  static std::vector<int> cache(4, 1);
  return cache.front();
}
class Shape {
 public:
  virtual ~Shape() = default;
  virtual double Area() const = 0;
};
class Square : public Shape {
 public:
  explicit Square(double side) : side_(side) {}
  double Area() const override { return side_ * side_; }

 private:
  double side_;
};
double Virtual() {
  std::unique_ptr<Shape> shape = std::make_unique<Square>(2);
  const auto* square = dynamic_cast<Square*>(shape.get());
  return shape->Area() + (square != nullptr);
}
struct Complex {
  Complex();
  ~Complex();
  std::string text;
};
Complex::Complex() : text("x") {}
Complex::~Complex() { count += static_cast<int>(text.size()); }
Complex complex;
int Queues() {
  std::queue<int> q;
  q.push(1);
  std::priority_queue<int> best;
  best.push(2);
  std::deque<int> d = {1};
  d.pop_front();
  std::list<int> l = {1, 2};
  l.reverse();
  return q.front() + best.top() + l.front();
}
void Memory(char* to, const char* from, size_t n) {
  std::memcpy(to, from, n);
  std::memset(to, 0, n);
  std::memmove(to, to + 1, n - 1);
  std::free(std::malloc(10));
  to[std::strlen(from)] = 0;
}
template <typename... T>
int Sum(T... values) {
  return (values + ... + 0);
}
int Templates() { return Sum(1, 2, 3) + Sum(1L, 2L); }
int Spans(std::span<const int> values) {
  std::array<int, 3> copy{};
  std::copy_n(values.begin(), 3, copy.begin());
  auto [a, b, c] = copy;
  return std::get<0>(std::tuple(a, b, c)) + c;
}
int Lambdas() {
  int total = 0;
  auto add = [&total](int n) mutable { total += n; };
  std::for_each(numbers.begin(), numbers.end(), add);
  return total;
}
int Charconv(const char* begin, const char* end) {
  int value = 0;
  std::from_chars(begin, end, value);
  return value;
}
bool Regex(const std::string& text) {
  return std::regex_match(text, std::regex("a+"));
}
volatile int register_like = 0;
int Volatile() { return register_like + register_like; }
int ThreadLocal() {
  thread_local int calls = 0;
  return ++calls + static_cast<int>(name.size());
}
__attribute__((noinline)) int Switch(int n) {
  switch (n) {
    case 1:
      return 10;
    case 2:
      return 20;
    case 3:
      return 35;
    case 4:
      return 41;
    default:
      return constant;
  }
}
// Of one's own, they are nobody else's business.
long double Mean(const std::vector<int>& values) {
  long double parts[4] = {};
  for (size_t i = 0; i < values.size(); ++i) parts[i % 4] += values[i];
  long double sum = 0;
  for (long double& part : parts) sum += std::sqrt(part);
  return sum / 4;
}
struct Colour {
  unsigned char red, green, blue;
};
Colour colour = {1, 2, 3};
Colour TheColour() { return colour; }
std::string Format(const char* format, va_list list) {
  va_list again;
  va_copy(again, list);
  std::string text(std::vsnprintf(nullptr, 0, format, list), 0);
  std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  return text;
}
const char* Environment() { return std::getenv("HOME"); }
extern "C" void* c_callback(void* argument) { return argument; }

}  // namespace honest

template <>
struct std::hash<std::pair<int, int>> {
  size_t operator()(const std::pair<int, int>& pair) const noexcept {
    return pair.first * 31 + pair.second;
  }
};
namespace std {
template <>
void swap(honest::Seat& a, honest::Seat& b) noexcept {
  std::swap(a.row, b.row);
}
}  // namespace std

namespace honest {

size_t Hashes() {
  std::unordered_map<std::pair<int, int>, int, std::hash<std::pair<int, int>>>
      places;
  places[{1, 2}] = std::thread::hardware_concurrency();
  Seat a{1}, b{2};
  std::swap(a, b);
  return places.size() + a.row;
}

// Initialized at the start of the program, each by a function of its own.
struct Depot {
  static inline std::map<int, std::string> names{{1, "north"}};
};
template <typename T>
struct Shelf {
  static std::vector<T> things;
};
template <typename T>
std::vector<T> Shelf<T>::things(3);
size_t Initialized() { return Depot::names.size() + Shelf<int>::things.size(); }

}  // namespace honest
