"""Which rows of lib/parse/ListingPhrases.def the listings of some rules have."""

import re
from pathlib import Path

ROW = re.compile(r'^(LEAD|PART|FREE|HIDDEN|TARGET)\((?:"([^"]*)", )?"((?:[^"\\]|\\.)*)"[,)].*', re.MULTILINE)
VALUES = {"{!}": r" *!? *", "{q}": ".*", "{Q}": ".*", "{n}": r"\d\S*", "{k}": r"\d\S*", "{l}": r"\d\S*", "{w}": r"[A-Za-z]\S*"}


class Phrase:
    def __init__(self, kind, owner, pattern):
        self.name = f"{kind} {owner}: {pattern}"
        self.module = f"-{'j' if kind == 'TARGET' else 'm'} {owner}" if owner else ""
        plain = pattern.replace('\\"', '"')
        parts = re.split(r"(\{.\})", plain)
        inner = "".join(VALUES.get(part, r"\S+") if re.fullmatch(r"\{.\}", part) else re.escape(part).replace(r"\ ", " +")
                        for part in parts)
        self.expression = re.compile(rf"(?<!\S){inner}(?!\S)")

    def isOf(self, rule):
        return not self.module or re.search(rf"{re.escape(self.module)}(?!\S)", rule) is not None


def phrases(path):
    """But those of older versions, which nobody prints any more."""
    text = Path(path).read_text()
    return [Phrase(*match.group(1, 2, 3)) for match in ROW.finditer(text)
            if not re.search(r"// (before )?\d", match[0])]


def rowsOf(listing):
    """The rows by table and chain, of a listing in which every chain has one."""
    rows, table, chain = {}, None, None
    for line in listing.splitlines():
        if line.startswith("Table: "):
            table = line[7:]
        elif line.startswith("Chain "):
            chain = line.split()[1]
        elif line and not re.match(r"(num )?( *pkts)?.*\btarget +prot ", line):
            rows[table, chain] = line
    return rows
