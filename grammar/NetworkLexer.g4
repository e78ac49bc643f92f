// The words of the lines of `ip rule`, `ip addr`, `ip link` and `bridge link`.
//
// Only words that change the shape of what follows have a token of their own; which keyword means what, lib/parse/IpRules.cpp
// and IpAddresses.cpp know. The lexer sees one line at a time, without its end, byte by byte.
lexer grammar NetworkLexer;

// `2:` of an interface, `32766:` of a rule
INDEX : [0-9]+ ':' ;
NUMBER : [0-9]+ ;
NOT : 'not' ;
// Stand alone. Source: iproute2, ip/iprule.c, print_rule().
ACTION : 'nop' | 'unreachable' | 'prohibit' | 'blackhole' | 'masquerade' ;
// `[detached]`, `[unresolved]`, `[l3mdev-table]`
STATE : '[' [a-z0-9-]+ ']' ;

FLAGS : '<' [A-Za-z0-9_,-]* '>' ;
INET : 'inet' | 'inet6' ;
PEER : 'peer' ;
// What has a value in the line of an address. Source: iproute2, ip/ipaddress.c, print_addrinfo().
OF_ADDRESS : 'brd' | 'any' | 'scope' | 'metric' | 'flags' | 'proto' ;
IS_IN : 'state' ;
LINK : 'link/' PLAIN* ;
// Programs at the driver, which stand alone: `xdp`, `xdpgeneric/id:5`
XDP : 'xdp' PLAIN* ;
COLON : ':' ;

// `em1@if5:`; an address such as fe80:: looks alike
NAMED : PLAIN+ ':' ;
WORD : PLAIN+ ;
fragment PLAIN : [!-~\u0080-\u00FF] ;

BLANK : [ \t]+ -> skip ;
ERRCHAR : . ;
