// How iptlint-opt says what is wrong with a text.
#pragma once

#include "support/Diagnostic.h"

/// One line on standard error.
void print(const iptlint::support::Source &source, const iptlint::support::Diagnostic &finding);
