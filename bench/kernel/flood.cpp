// Sends frames into an interface for a while, and says how many and what that cost.
//
//   iptlint-flood INTERFACE FRAMES SKIP MILLISECONDS
//
// FRAMES is a file of frames of 60 bytes, which are sent in turn and over again; the first SKIP of them are left out
// in the first turn. Printed are how many frames were sent, how many of them in the time that was measured, and that
// time in nanoseconds: the CPU time of this thread, and wall time.
//
// The thread stays on the processor that it is given (taskset), and what is sent into one end of a veth pair is
// received at the other end before the call returns, in this thread's time: so the CPU time is that of the sender and
// of all routers behind the interface. MILLISECONDS are of CPU time. What a kernel with CONFIG_IRQ_TIME_ACCOUNTING
// calls the time of a thread leaves soft interrupts out: the two times then differ on a machine that does nothing else.
#include <arpa/inet.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

constexpr size_t FrameBytes = 60; // the shortest that Ethernet knows, without its checksum
constexpr size_t BatchFrames = 64;
constexpr int64_t WarmUpNanoseconds = 10'000'000;

[[noreturn]] static void fail(const char *what) {
  std::perror(what);
  std::exit(2);
}

static int64_t nanoseconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

/// A socket that puts frames on the interface as they are.
static int openInterface(const char *name) {
  int made = socket(AF_PACKET, SOCK_RAW, 0);
  if (made < 0)
    fail("socket");
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = int(if_nametoindex(name));
  if (address.sll_ifindex == 0 || bind(made, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
    fail(name);
  return made;
}

/// The frames of a file, in turn, a batch at a time.
class Sender {
public:
  Sender(int socket, std::string frames, size_t skip) : socket(socket), frames(std::move(frames)), next(skip) {}

  /// Sends until so much CPU time has gone by; how many frames that were.
  int64_t sendFor(int64_t budget) {
    int64_t sent = 0;
    for (int64_t end = nanoseconds(CLOCK_THREAD_CPUTIME_ID) + budget; nanoseconds(CLOCK_THREAD_CPUTIME_ID) < end;)
      sent += sendBatch();
    return sent;
  }

private:
  int64_t sendBatch() {
    std::array<mmsghdr, BatchFrames> messages{};
    std::array<iovec, BatchFrames> parts;
    for (size_t i = 0; i < BatchFrames; ++i) {
      parts[i] = {frames.data() + (next + i) * FrameBytes % frames.size(), FrameBytes};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    int sent = sendmmsg(socket, messages.data(), BatchFrames, 0);
    if (sent < 0)
      fail("sendmmsg");
    next += size_t(sent);
    return sent;
  }

  int socket;
  std::string frames;
  size_t next; ///< frame, counted on from the start of the file
};

int main(int argc, char **argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: iptlint-flood INTERFACE FRAMES SKIP MILLISECONDS\n");
    return 2;
  }
  std::ifstream file(argv[2], std::ios::binary);
  std::string frames{std::istreambuf_iterator<char>(file), {}};
  if (frames.empty() || frames.size() % FrameBytes != 0) {
    std::fprintf(stderr, "%s: no frames of %zu bytes\n", argv[2], FrameBytes);
    return 2;
  }
  Sender sender(openInterface(argv[1]), std::move(frames), std::strtoull(argv[3], nullptr, 10));
  int64_t warm = sender.sendFor(WarmUpNanoseconds);
  int64_t cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID), wall = nanoseconds(CLOCK_MONOTONIC);
  int64_t sent = sender.sendFor(std::strtoll(argv[4], nullptr, 10) * 1'000'000);
  cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
  wall = nanoseconds(CLOCK_MONOTONIC) - wall;
  std::printf("%lld %lld %lld %lld\n", (long long)(warm + sent), (long long)sent, (long long)cpu, (long long)wall);
  return 0;
}
