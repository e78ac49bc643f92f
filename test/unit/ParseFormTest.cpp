// Which form a text is taken for.
#include "parse/Form.h"
#include "parse/ListingRow.h"
#include <gtest/gtest.h>

namespace iptlint::parse {
namespace {

using ir::Form;

TEST(ParseForm, TheFirstLineThatOneFormAloneHasDecides) {
  EXPECT_EQ(recogniseForm("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"), Form::Save);
  EXPECT_EQ(recogniseForm("# a listing:\r\nChain INPUT (policy ACCEPT)\r\ntarget prot opt source destination\r\n"),
            Form::L);
  EXPECT_EQ(recogniseForm("*filter\n-A INPUT -m comment --comment \"\nChain INPUT (policy ACCEPT)\n"), Form::Save);
  EXPECT_EQ(recogniseForm("$ sudo iptables -L\nChain DOCKER (0 references)\n"), Form::L);
}

TEST(ParseForm, WhatNothingTellsIsTakenForSavedText) {
  EXPECT_EQ(recogniseForm(""), Form::Save);
  EXPECT_EQ(recogniseForm("-A INPUT -j DROP\n"), Form::Save);
  EXPECT_EQ(recogniseForm("Chain of command (see below)\n"), Form::Save);
}

TEST(ParseForm, HeadingsOfChains) {
  EXPECT_TRUE(readHeading("Chain INPUT (policy DROP 163 packets, 13K bytes)"));
  EXPECT_TRUE(readHeading("Chain a(b (1 references)  "));
  EXPECT_FALSE(readHeading("Chain INPUT"));
  EXPECT_FALSE(readHeading("# Chain INPUT (policy DROP)"));
}

} // namespace
} // namespace iptlint::parse
