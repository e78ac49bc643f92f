#include "driver/Session.h"
#include "driver/Config.h"
#include "driver/ReadHosts.h"
#include "driver/ReadNetwork.h"
#include "driver/ReadSets.h"
#include "driver/Selection.h"
#include "lint/Run.h"
#include "report/Line.h"
#include "report/Text.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::driver {

/// \returns false, having said so, where the configuration is of no use.
bool Sessions::configure(const std::string &config, Options &wanted) const {
  auto source = support::Source::read(config);
  if (!source) {
    err << "iptlint: " << report::printable(llvm::toString(source.takeError())) << "\n";
    return false;
  }
  std::vector<support::Diagnostic> wrong = applyConfig(**source, wanted);
  report::printText({{*source, {}, wrong, 0}}, /*colour=*/false, err);
  return wrong.empty();
}

template <typename File> static void addReports(Session &session, std::vector<File> &files) {
  for (File &file : files)
    if (!file.findings.empty())
      session.otherReports.push_back({file.source, {}, std::move(file.findings), 0});
}

static void readSetsOf(Session &session, llvm::raw_ostream &err) {
  if (session.options.sets.empty())
    return;
  std::optional<parse::ParsedSets> parsed = readSets(session.options.sets, err);
  session.incomplete |= !parsed || parsed->incomplete;
  if (!parsed)
    return;
  session.sets = parsed->sets;
  addReports(session, parsed->files);
}

static void readNetworkOf(Session &session, llvm::raw_ostream &err) {
  if (session.options.network.empty())
    return;
  std::optional<parse::ParsedNetwork> parsed = readNetwork(session.options.network, session.options.rules.hosts, err);
  session.incomplete |= !parsed || parsed->incomplete;
  if (!parsed)
    return;
  session.network = parsed->network;
  lint::NetworkFindings found = lint::runNetworkChecks(*session.network, session.checks, session.options.settings);
  for (size_t file = 0; file != found.size(); ++file) {
    llvm::append_range(parsed->files[file].findings, found[file]);
    llvm::stable_sort(parsed->files[file].findings);
  }
  addReports(session, parsed->files);
}

std::optional<Session> Sessions::open(const std::string &config) const {
  Session session;
  session.options = options;
  if (!config.empty() && !configure(config, session.options))
    return std::nullopt;
  parse::RulesOptions &rules = session.options.rules;
  if (!session.options.hosts.empty() && !(rules.hosts = readHosts(session.options.hosts, err)))
    return std::nullopt;
  readSetsOf(session, err);
  rules.sets = session.sets;
  session.checks = selectChecks(session.options.checks, session.options.settings);
  readNetworkOf(session, err);
  return session;
}

const Session *Sessions::of(const std::string &file) {
  std::string config = options.noConfig ? "" : options.config.empty() ? findConfig(file) : options.config;
  auto [entry, isNew] = opened.try_emplace(config);
  if (isNew)
    entry->second = open(config);
  return entry->second ? &*entry->second : nullptr;
}

} // namespace iptlint::driver
