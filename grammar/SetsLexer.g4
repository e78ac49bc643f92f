// The words of lines that ipset reads or prints, and of such commands in shell scripts.
//
// The lexer sees one line at a time, without its end, byte by byte. Only words that change the shape
// of a line have a token of their own; types, members and their options are checked behind it.
lexer grammar SetsLexer;

SUDO : 'sudo' ;
IPSET : ([a-zA-Z0-9_./-]* '/')? 'ipset' ;

// Source: ipset 7.17, lib/ipset.c, ipset_commands[].
CREATE : 'create' | 'new' | '-N' | '--create' ;
ADD : 'add' | '-A' | '--add' ;
DEL : 'del' | '-D' | '--del' ;
DESTROY : 'destroy' | '-X' | '--destroy' ;
FLUSH : 'flush' | '-F' | '--flush' ;
RENAME : 'rename' | '-E' | '--rename' ;
SWAP : 'swap' | '-W' | '--swap' ;
// What only asks, or says how the rest of a text is read.
OTHER : 'test' | '-T' | '--test' | 'list' | '-L' | '--list' | 'save' | '-S' | '--save' | 'restore' | '-R' | '--restore'
      | 'help' | '-H' | '--help' | 'version' | '-V' | '--version' | 'quit' | 'COMMIT' ;

EXIST : '-exist' | '--exist' | '-!' ;
QUIET : '-q' | '-quiet' | '--quiet' ;

// `ipset list`
HEADING : 'Name:' | 'Type:' | 'Header:' ;

// What a shell does with what the command says, and when it fails.
REDIRECTION : [0-9&]? '>' '>'? [ \t]* ('&'? [a-zA-Z0-9_./-]+) ;
OR : '||' ;
SEMICOLON : ';' ;

WORD : (PLAIN | QUOTED) (PLAIN | QUOTED | '#')* ;
fragment PLAIN : ~[ "'#;&|<>$`()\\\u0000-\u001F] ;
fragment QUOTED : '"' ~["]* '"' | '\'' ~[']* '\'' ;

COMMENT : '#' ~[\n]* -> skip ;
BLANK : [ \t]+ -> skip ;
ERRCHAR : . ;
