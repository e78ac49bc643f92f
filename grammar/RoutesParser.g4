// The shapes of a route table's lines. Names, numbers and addresses are checked behind it
// (lib/parse/RoutesIp.cpp, RoutesColumns.cpp), so that any `keyword value` is read, known or not.
parser grammar RoutesParser;

options { tokenVocab = RoutesLexer; }

// `unreachable default metric 4278198272`
ipRoute : TYPE? word attribute* EOF ;

// A further line of the same route: `nexthop via 10.0.0.254 dev veth0 weight 250`, `cache expires 5sec`
furtherLine : attribute+ EOF ;

attribute
    : FLAG                       # flag
    | NEXTHOP                    # nextHop
    | NH_INFO                    # restated
    | VIA FAMILY? word           # gateway
    | ENCAP encapWord+           # encapsulation
    | CACHE CACHE_FLAGS?         # cached
    | keyword LOCK? word         # pair
    ;

keyword : KEYWORD | OUTER ;

encapWord : ~(VIA | OUTER | NEXTHOP | ERRCHAR) ;

// A line of `route -n` or `netstat -rn`, its heading as well.
row : word+ EOF ;

word : TYPE | FLAG | NEXTHOP | VIA | FAMILY | LOCK | ENCAP | OUTER | NH_INFO | CACHE | CACHE_FLAGS | KEYWORD | WORD ;
