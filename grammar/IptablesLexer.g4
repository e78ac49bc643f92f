// The words of one line of iptables-save text.
//
// The reader hands over one line at a time, without its end, each byte as one
// character. What a line is shows in its first character, so the first token has
// a mode of its own; all others are words, cut as iptables-restore cuts them:
// blanks part words, a double quote may open anywhere in a word and its closing
// ends the word, and a backslash counts inside quotes only. A single quote is a
// character like any other.
//
// A token takes the blanks behind it along: half as many tokens, and lexing is
// what reading spends its time on.
lexer grammar IptablesLexer;

COMMENT  : '#' ~[\n]* ;
STAR     : '*' BLANK* -> mode(WORDS) ;
COLON    : ':' BLANK* -> mode(WORDS) ;
COMMIT   : 'COMMIT' -> mode(WORDS) ;
COUNTERS : '[' [0-9]+ ':' [0-9]+ ']' BLANK* -> mode(WORDS) ;

FIRST_BLANKS : BLANK+ -> mode(WORDS), skip ;
FIRST_OPTION : '-' PLAIN* BLANK* -> type(OPTION), mode(WORDS) ;
FIRST_NOT    : '!' BLANK* -> type(NOT), mode(WORDS) ;
FIRST_VALUE  : FIRST PLAIN* BLANK* -> type(VALUE), mode(WORDS) ;
FIRST_QUOTED : ( FIRST PLAIN* )? STRING BLANK* -> type(QUOTED), mode(WORDS) ;
FIRST_ERROR  : . -> type(ERRCHAR), mode(WORDS) ;

fragment BLANK  : [ \t] ;
fragment FIRST  : ~[ \t"#*:] ;
fragment PLAIN  : ~[ \t"] ;
fragment STRING : '"' ( ~["\\] | '\\' . )* '"' ;

mode WORDS;

OPTION : '-' PLAIN* BLANK* ;
NOT    : '!' BLANK* ;
VALUE  : PLAIN+ BLANK* ;
QUOTED : PLAIN* STRING BLANK* ;
BLANKS : BLANK+ -> skip ;
// Last: what nothing else takes is an error with a place, never dropped.
ERRCHAR : . ;
