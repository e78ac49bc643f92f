// The shapes of a line of iptables-save text.
//
// Which options there are, how many values each takes and where `!` may stand is
// not said here but in lib/parse/Options.def: with a grammar rule for each option,
// abbreviations and options of modules we do not know could not be read.
parser grammar IptablesParser;

options { tokenVocab = IptablesLexer; }

line
  : comment EOF
  | table EOF
  | chain EOF
  | COMMIT EOF
  | command EOF
  | EOF
  ;

comment : COMMENT ;

// Whatever follows the name is ignored by iptables-restore.
table : STAR word word* ;

// `:INPUT ACCEPT [12:3456]`; counters may be missing.
chain : COLON word word word* ;

// `[12:3456] -A INPUT ! -s 10.0.0.0/8 -j DROP`: options in any order, each with its values.
command : COUNTERS? NOT? OPTION ( OPTION | NOT | VALUE | QUOTED )* ;

// In these two lines quotes mean nothing to iptables-restore; names with quotes are refused here.
word : VALUE | OPTION | NOT ;
