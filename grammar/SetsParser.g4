// The shapes of ipset's lines. Types, numbers and addresses are checked behind it (lib/parse/Sets.cpp).
parser grammar SetsParser;

options { tokenVocab = SetsLexer; }

// `create blocked hash:net family inet`, `sudo ipset -exist add blocked 10.0.0.0/8 2>/dev/null || true`
statement : (SUDO? IPSET)? flag* command tail? EOF ;

command
    : CREATE flag* word word argument*    # create
    | ADD flag* word word argument*       # add
    | DEL flag* word word argument*       # del
    | DESTROY flag* word? flag*           # destroy
    | FLUSH flag* word? flag*             # flush
    | RENAME flag* word word flag*        # rename
    | SWAP flag* word word flag*          # swap
    | OTHER .*?                           # other
    ;

argument : flag | word ;
flag : EXIST | QUIET ;

tail : REDIRECTION+ otherwise? | otherwise ;
otherwise : OR word+ REDIRECTION* SEMICOLON? | SEMICOLON ;

// `Header: family inet hashsize 1024 maxelem 65536`; asked of lines that begin so.
heading : word argument* EOF ;

// `10.0.0.1 timeout 30 comment "the printer"`: a member in `ipset list`
member : word argument* EOF ;

word : WORD | SUDO | CREATE | ADD | DEL | DESTROY | FLUSH | RENAME | SWAP | OTHER | HEADING ;
