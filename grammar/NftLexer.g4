// The words of nft(8)'s text for tables, chains and rules.
//
// Words that begin a part of a rule or change its shape have a token of their own; which field a word asks for, and
// what its values must look like, lib/parse/NftFields.cpp knows. The lexer sees one line at a time, without its end,
// byte by byte.
lexer grammar NftLexer;

TABLE : 'table' ;
DELETE : 'delete' ;
CHAIN : 'chain' ;
TYPE : 'type' ;
HOOK : 'hook' ;
PRIORITY : 'priority' ;
POLICY : 'policy' ;

HEADER : 'ip' | 'ip6' | 'tcp' | 'udp' | 'udplite' | 'sctp' | 'dccp' | 'th' | 'icmp' | 'icmpv6' | 'ether' ;
META : 'meta' ;
CT : 'ct' ;
FIB : 'fib' ;
INTERFACE : 'iifname' | 'oifname' ;
NUMGEN : 'numgen' ;
RANDOM : 'random' ;
MOD : 'mod' ;
// Bits of a header by their place: `@th,0,16`
RAW : '@' ('nh' | 'th') ',' [0-9]+ ',' [0-9]+ ;

ACCEPT : 'accept' ;
DROP : 'drop' ;
RETURN : 'return' ;
JUMP : 'jump' ;
GOTO : 'goto' ;
VMAP : 'vmap' ;
SET : 'set' ;
LIMIT : 'limit' ;
RATE : 'rate' ;
BURST : 'burst' ;
PACKETS : 'packets' ;
BYTES : 'bytes' ;
COUNTER : 'counter' ;
LOG : 'log' ;
PREFIX : 'prefix' ;
LEVEL : 'level' ;
FLAGS : 'flags' ;
GROUP : 'group' ;
THRESHOLD : 'queue-threshold' ;
REJECT : 'reject' ;
WITH : 'with' ;
RESET : 'reset' ;
NAT : 'dnat' | 'snat' ;
PORT_NAT : 'masquerade' | 'redirect' ;
TO : 'to' ;
NAT_FLAG : 'fully-random' | 'persistent' ;
NOTRACK : 'notrack' ;
COMMENT : 'comment' ;

EQ : '==' ;
NE : '!=' ;
LT : '<' ;
AND : '&' ;
XOR : '^' ;
OPEN : '{' ;
CLOSE : '}' ;
COMMA : ',' ;
SEMICOLON : ';' ;
COLON : ':' ;
DOT : '.' ;

STRING : '"' ~["\n]* '"' ;
WORD : PLAIN+ ;
fragment PLAIN : [a-zA-Z0-9_.:/*[\]-] ;

REMARK : '#' ~[\n]* -> skip ;
BLANK : [ \t]+ -> skip ;
ERRCHAR : . ;
