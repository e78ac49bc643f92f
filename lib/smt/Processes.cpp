#include "smt/Processes.h"
#include <array>
#include <csignal>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace iptlint::smt {

namespace {

/// Two ends of a pipe, closed with this.
class Pipe {
public:
  Pipe() {
    if (pipe(ends.data()) != 0)
      ends = {-1, -1};
  }
  ~Pipe() {
    closeReading();
    closeWriting();
  }
  Pipe(Pipe &&other) : ends(std::exchange(other.ends, {-1, -1})) {}
  bool isOpen() const { return ends[0] >= 0; }
  int reading() const { return ends[0]; }
  int writing() const { return ends[1]; }
  void closeReading() { close(0); }
  void closeWriting() { close(1); }

private:
  void close(size_t end) {
    if (ends[end] >= 0)
      ::close(ends[end]);
    ends[end] = -1;
  }
  std::array<int, 2> ends;
};

struct Child {
  pid_t process = -1;
  Pipe answer;
};

} // namespace

static bool writeAll(int to, const char *bytes, size_t count) {
  while (count != 0) {
    ssize_t written = write(to, bytes, count);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    bytes += written;
    count -= size_t(written);
  }
  return true;
}

static std::string readAll(int from) {
  std::string text;
  std::array<char, 4096> buffer;
  while (true) {
    ssize_t count = read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return text;
    text.append(buffer.data(), size_t(count));
  }
}

/// The kernel gives the bytes of one read to one process, and each number was written as a whole.
static std::optional<unsigned> nextFrom(int tasks) {
  unsigned task = 0;
  ssize_t count;
  do
    count = read(tasks, &task, sizeof task);
  while (count < 0 && errno == EINTR);
  return count == sizeof task ? std::optional(task) : std::nullopt;
}

/// Never returns: what the parent has to flush or to remove at its end is not the child's.
[[noreturn]] static void runChild(int tasks, int answer, pid_t parent, llvm::function_ref<std::string(NextTask)> work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent)
    _exit(1);
  std::string text = work([tasks] { return nextFrom(tasks); });
  // A zero in front tells an empty answer from none.
  bool told = writeAll(answer, "\0", 1) && writeAll(answer, text.data(), text.size());
  _exit(told ? 0 : 1);
}

static std::optional<std::string> answerOf(Child &child) {
  child.answer.closeWriting();
  std::string text = readAll(child.answer.reading());
  int status = 0;
  while (waitpid(child.process, &status, 0) < 0 && errno == EINTR)
    ;
  if (text.empty() || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return std::nullopt;
  return text.substr(1);
}

std::vector<std::optional<std::string>> inProcesses(unsigned processes, unsigned tasks,
                                                    llvm::function_ref<std::string(NextTask)> work) {
  Pipe numbers;
  for (unsigned task = 0; task != tasks && numbers.isOpen(); ++task)
    writeAll(numbers.writing(), reinterpret_cast<const char *>(&task), sizeof task);
  numbers.closeWriting();
  std::vector<Child> children(processes);
  pid_t parent = getpid();
  for (Child &child : children)
    if (numbers.isOpen() && child.answer.isOpen() && (child.process = fork()) == 0)
      runChild(numbers.reading(), child.answer.writing(), parent, work);
  std::vector<std::optional<std::string>> answers;
  for (Child &child : children)
    answers.push_back(child.process > 0 ? answerOf(child) : std::nullopt);
  return answers;
}

} // namespace iptlint::smt
