#include "driver/NetworkOptions.h"
#include <CLI/CLI.hpp>

namespace iptlint::driver {

void addNetworkOptions(CLI::App &command, Options &options) {
  auto add = [&](const std::string &name, std::vector<std::string> &into, const std::string &value,
                 const std::string &help) {
    command.add_option(name, into, help)->type_name(value)->allow_extra_args(false)->group("NETWORK");
  };
  NetworkFiles &files = options.network;
  add("--routes", files.routes, "FILE",
      "text of ip route show (table all for every table), ip -6 route, route -n or netstat -rn");
  add("--rules", files.rules, "FILE", "text of ip rule or ip -6 rule");
  add("--addresses", files.addresses, "FILE", "text of ip addr, ip -br addr or ifconfig");
  add("--bridges", files.bridges, "FILE", "text of brctl show or bridge link");
  add("--sysctl", files.settings, "FILE|NAME=VALUE",
      "text of sysctl -a, a file such as sysctl.conf, or one setting; a later one counts");
}

} // namespace iptlint::driver
