// Work that is shared among processes.
//
// Processes and not threads: the solver's caches and its allocator are shared and locked. A process that ends early
// takes nothing with it but its own answer.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include <optional>
#include <string>
#include <vector>

namespace iptlint::smt {

/// The number of the next task; nothing when there are no more. Each number is given to one process, in ascending
/// order.
using NextTask = llvm::function_ref<std::optional<unsigned>()>;

/// The most tasks of one call: so many numbers fit into a pipe that nobody reads yet.
constexpr unsigned kMostTasks = 4096;

/// Forks \p processes copies of this process, runs \p work in each, and returns what each returned. Nothing for one
/// that was not started, or ended before it could answer. \p tasks is at most kMostTasks.
std::vector<std::optional<std::string>> inProcesses(unsigned processes, unsigned tasks,
                                                    llvm::function_ref<std::string(NextTask)> work);

} // namespace iptlint::smt
