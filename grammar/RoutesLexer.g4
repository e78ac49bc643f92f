// The words of a route table's lines, as `ip route show` and `route -n` write them.
//
// Only words that change the shape of what follows have a token of their own; which keyword
// means what, and what its value must look like, lib/parse/RoutesKeywords.cpp knows. The lexer
// sees one line at a time, without its end, byte by byte.
lexer grammar RoutesLexer;

// Source: iproute2, lib/rt_names.c and ip/rtm_map.c, rtnl_rtntype_n2a().
TYPE : 'unicast' | 'local' | 'broadcast' | 'anycast' | 'multicast' | 'blackhole' | 'unreachable' | 'prohibit'
     | 'throw' | 'nat' ;

// Stand alone. Source: iproute2, ip/iproute.c, print_rt_flags() and print_route().
FLAG : 'dead' | 'onlink' | 'pervasive' | 'offload' | 'trap' | 'notify' | 'linkdown' | 'unresolved' | 'rt_offload'
     | 'rt_trap' | 'rt_offload_failed' | 'offload_failed' ;

NEXTHOP : 'nexthop' ;
VIA : 'via' ;
FAMILY : 'inet' | 'inet6' | 'mpls' | 'bridge' | 'link' ;
LOCK : 'lock' ;
ENCAP : 'encap' ;
// What may follow an encapsulation, whose own words have no common shape.
OUTER : 'dev' | 'table' | 'proto' | 'scope' | 'metric' ;
// `ip -details` repeats a nexthop object behind this.
NH_INFO : 'nh_info' ;
CACHE : 'cache' ;
CACHE_FLAGS : '<' [a-z0-9,#-]* '>' ;

KEYWORD : [a-z] [a-z0-9_-]* ;
// Anything visible; `\` alone is how `ip -oneline` writes a line's end.
WORD : '\\'? PLAIN ('\\' | PLAIN)* ;
fragment PLAIN : [!-[\]-~\u0080-\u00FF] ;

LINE_END : '\\' -> skip ;
BLANK : [ \t]+ -> skip ;
ERRCHAR : . ;
