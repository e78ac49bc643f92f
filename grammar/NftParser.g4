// The shapes of lines of nft text, one start rule for each place that a line may stand at. Names, numbers and
// addresses are checked behind it (lib/parse/NftFields.cpp, NftValues.cpp).
parser grammar NftParser;

options { tokenVocab = NftLexer; }

// Outside of any table. `table ip iptlint-filter {`; without the brace the table is made if it is not there.
topLine
    : TABLE HEADER word OPEN EOF      # tableOpen
    | TABLE HEADER word EOF           # tableMade
    | DELETE TABLE HEADER word EOF    # tableDeleted
    ;

// In a table.
tableLine
    : CHAIN word OPEN EOF             # chainOpen
    | CLOSE EOF                       # tableClose
    ;

// In a chain.
chainLine
    : TYPE word HOOK word PRIORITY word SEMICOLON POLICY (ACCEPT | DROP) SEMICOLON EOF  # base
    | CLOSE EOF                                                                         # chainClose
    | clause+ EOF                                                                       # ruleLine
    ;

// In a map whose braces stand on other lines.
mapLine
    : (element (COMMA element)* COMMA?)? CLOSE clause* EOF  # mapEnd
    | element (COMMA element)* COMMA? EOF           # mapPart
    ;

clause
    : selector (AND word)? relation? right                                  # matching
    | selector VMAP OPEN (element (COMMA element)* COMMA?)? CLOSE?          # verdictMap
    | mark SET term                                                         # setMark
    | NUMGEN RANDOM MOD word LT word                                        # chance
    | LIMIT RATE word (BURST word PACKETS)?                                 # limit
    | LOG logPart*                                                          # log
    | REJECT (WITH (HEADER RESET | HEADER TYPE word))?                      # reject
    | NAT TO word (natFlag (COMMA natFlag)*)?                               # nat
    | PORT_NAT (TO word)? (natFlag (COMMA natFlag)*)?                       # portNat
    | NOTRACK                                                               # notrack
    | COUNTER (PACKETS word BYTES word)?                                    # counter
    | verdict                                                               # verdictClause
    | COMMENT STRING                                                        # comment
    ;

selector : expression (DOT expression)* ;
expression
    : HEADER (word | TYPE | FLAGS) # headerField
    | META word                # metaField
    | INTERFACE                # interface
    | CT word                  # ctField
    | FIB word TYPE            # fibType
    | RAW                      # raw
    ;

relation : EQ | NE ;
right : OPEN value (COMMA value)* COMMA? CLOSE  # anyOf
      | value                                   # single
      | word (COMMA word)+                      # flags
      ;
value : part (DOT part)* ;
part : word | STRING ;
element : value COLON verdict ;
verdict : ACCEPT | DROP | RETURN | (JUMP | GOTO) word ;

mark : META word | CT word ;
term : mark (AND word)? (XOR word)? | word ;

logPart
    : PREFIX STRING      # logPrefix
    | LEVEL word         # logLevel
    | FLAGS HEADER word? # logHeaderFlags
    | FLAGS word         # logFlags
    | GROUP word         # logGroup
    | THRESHOLD word     # logThreshold
    ;
natFlag : RANDOM | NAT_FLAG ;

word : WORD | HEADER | RANDOM | GROUP | LEVEL | RESET ;
