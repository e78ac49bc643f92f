// The shapes of the lines of `ip rule`, `ip addr`, `ip link` and `bridge link`. Names, numbers and addresses are checked
// behind it, so that any `keyword value` is read, known or not.
parser grammar NetworkParser;

options { tokenVocab = NetworkLexer; }

// `100: not from 10.0.0.0/8 iif em1 [detached] fwmark 0x1/0xff lookup 100`
routingRule : INDEX? NOT? rulePart+ EOF ;

rulePart : ACTION | NUMBER | STATE | keyword word ;

// `2: em1@if5: <BROADCAST,UP> mtu 1500 qdisc noqueue master br0`; before iproute2 4.11 `bridge link` wrote
// `2: em1 state UP @em2: <BROADCAST,UP> mtu 1500`
link : INDEX (name | word IS_IN word (COLON | name)) FLAGS linkPart* EOF ;

name : NAMED | INDEX ;

linkPart : XDP | keyword word ;

// `inet 10.0.0.1 peer 10.0.0.2/32 brd 10.0.0.255 scope global secondary em1:0`; in one-line form behind `2: em1`
address : (INDEX word)? INET word (PEER word)? addressPart* EOF ;

addressPart : OF_ADDRESS word | lone ;

lone : INDEX | NUMBER | NOT | ACTION | STATE | PEER | IS_IN | LINK | XDP | NAMED | WORD ;

// Whatever else has words.
words : word+ EOF ;

keyword : INET | PEER | OF_ADDRESS | IS_IN | LINK | WORD ;

word : INDEX | NUMBER | NOT | ACTION | STATE | FLAGS | INET | PEER | OF_ADDRESS | IS_IN | LINK | XDP | COLON | NAMED | WORD ;
