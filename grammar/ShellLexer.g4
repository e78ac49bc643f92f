// The words and operators of a shell script.
//
// A word is one token with all its quotes and expansions: `"$A"'b'$(c)`. Which words are keywords depends on where
// they stand, and here-documents follow the line that asks for them, so both are left to lib/parse/ShellTree.cpp.
// Source: POSIX.1-2017, Shell Command Language, and what bash adds to it in words.
lexer grammar ShellLexer;

COMMENT      : '#' ~[\n]* -> skip ;
CONTINUATION : '\\' '\r'? '\n' -> skip ;
BLANKS       : [ \t\r]+ -> skip ;
NEWLINE      : '\n' ;
AND          : '&&' ;
OR           : '||' ;
CASE_END     : ';;' '&'? | ';&' ;
SEMICOLON    : ';' ;
PIPE         : '|' '&'? ;
AMPERSAND    : '&' ;
OPEN         : '(' ;
CLOSE        : ')' ;
REDIRECT     : [0-9]* ( '<<<' | '<<-' | '<<' | '<&' | '<>' | '<' | '>>' | '>&' | '>|' | '>' ) | '&>' '>'? ;
WORD         : ( FIRST | PART ) ( '#' | FIRST | PART )* | '((' ~[()]* '))' ;
// Last: what nothing else takes, such as a quote that is never closed.
ERRCHAR      : . ;

fragment FIRST    : ~[ \t\r\n;&|()<>'"`$\\#] ;
fragment PART     : '\\' ~[\n] | '\\' '\r'? '\n' | SINGLE | DOUBLE | EXPANSION ;
fragment SINGLE   : '\'' ~[']* '\'' ;
fragment DOUBLE   : '"' ( ~["\\$`] | '\\' . | EXPANSION )* '"' ;
fragment EXPANSION
  : '$(' INNER* ')'
  | '${' ( ~[}'"`\\$] | '\\' . | SINGLE | DOUBLE | EXPANSION )* '}'
  | '$' ( [a-zA-Z_] [a-zA-Z0-9_]* | [0-9@*#?$!\-] )?
  | '`' ( ~[`\\] | '\\' . )* '`'
  ;
fragment INNER    : ~[()'"`\\$] | '\\' . | SINGLE | DOUBLE | EXPANSION | '(' INNER* ')' ;
