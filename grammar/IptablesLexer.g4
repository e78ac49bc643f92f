// The words of one line of iptables-save text.
//
// The reader hands over one line at a time, without its end, each byte as one
// character. What a line is shows in its first character, so the first token has
// a mode of its own; all others are words, cut as iptables-restore cuts them:
// blanks part words, a quote may open anywhere in a word and its closing ends the
// word, and a backslash counts inside quotes only.
lexer grammar IptablesLexer;

tokens { OPTION, NOT, VALUE, QUOTED, ERRCHAR }

COMMENT  : '#' ~[\n]* ;
STAR     : '*' -> mode(WORDS) ;
COLON    : ':' -> mode(WORDS) ;
COMMIT   : 'COMMIT' -> mode(WORDS) ;
COUNTERS : '[' [0-9]+ ':' [0-9]+ ']' -> mode(WORDS) ;

FIRST_BLANKS : [ \t]+ -> mode(WORDS), skip ;
FIRST_OPTION : '-' PLAIN* -> type(OPTION), mode(WORDS) ;
FIRST_NOT    : '!' -> type(NOT), mode(WORDS) ;
FIRST_VALUE  : FIRST PLAIN* -> type(VALUE), mode(WORDS) ;
FIRST_QUOTED : ( FIRST PLAIN* )? STRING -> type(QUOTED), mode(WORDS) ;
FIRST_ERROR  : . -> type(ERRCHAR), mode(WORDS) ;

fragment FIRST  : ~[ \t"'#*:] ;
fragment PLAIN  : ~[ \t"'] ;
fragment STRING : '"' ( ~["\\] | '\\' . )* '"' | '\'' ( ~['\\] | '\\' . )* '\'' ;

mode WORDS;

BLANKS : [ \t]+ -> skip ;
OPTION_WORD : '-' PLAIN* -> type(OPTION) ;
NOT_WORD    : '!' -> type(NOT) ;
VALUE_WORD  : PLAIN+ -> type(VALUE) ;
QUOTED_WORD : PLAIN* STRING -> type(QUOTED) ;
// Last: what nothing else takes is an error with a place, never dropped.
ERROR_CHARACTER : . -> type(ERRCHAR) ;
