"""The table of options as the page docs/options.md shows it, made from lib/parse/Options.def.

usage: options_doc.py ROOT          exit 1, with the difference, if the page says something else
       options_doc.py ROOT --write  writes the page anew"""

import difflib
import re
import sys
from pathlib import Path

INTRODUCTION = """# Options

What iptlint makes of each option that iptables 1.8.9 knows. This page is made from `lib/parse/Options.def` by
`test/meta/options_doc.py`; a test keeps the two together. What iptables refuses of an option's value is an error here
as well, with few exceptions ([below](#where-iptables-says-otherwise)).

- **exact**: modelled. What is said of such a rule holds for every packet.
- **partly**: modelled in the forms that the last column names, opaque in others.
- **function**: not modelled, but it depends on the packet alone. The same text is the same unknown everywhere.
- **with state**: not modelled, and two evaluations may differ. It acts when it is evaluated.
- **nothing**: tests and changes nothing.

An option may be abbreviated as long as one option alone begins so. A match that is not listed here is read all the
same and counts as one with state; a target that is not listed is taken for the name of a chain. Where the name is
near to one that is listed, the finding says so.

A service or protocol may be given by name. Numbers go first; a name means what `/etc/services` or `/etc/protocols` says
on the machine that iptlint runs on, as it would for iptables. Where they do not have it, a copy of what Debian 12
installs does.
"""
STATES = {"Exact": "exact", "Partly": "partly", "Function": "function", "Stateful": "with state", "Nothing": "nothing"}
KINDS = {
    "Accept": "verdict", "Drop": "verdict", "Verdict": "verdict", "Return": "return",
    "Continue": "packet goes on", "Opaque": "may do anything",
}  # fmt: skip
MODULE = re.compile(r'(MATCH|TARGET)\((\w+), "([^"]*)", (\w+), (\w+), (\w+),\s*"([^"]*)"\)')
OPTION = re.compile(r'OPTION\((\w+), "([^"]+)", "([^"]+)", (\w+), ([^,]+), \d+, \d+, (\w+)\)')
SHORT = re.compile(r"SHORT\('(.)', \"([^\"]+)\"\)")


def read(text):
    modules = [dict(zip(("macro", "id", "name", "families", "state", "flag", "reason"), found))
               for found in MODULE.findall(text)]
    options = [dict(zip(("module", "name", "canonical", "value", "flags", "state"), found))
               for found in OPTION.findall(text)]
    declared = len(re.findall(r"^(?:MATCH|TARGET|OPTION)\((?!Id,|Module,)", text, re.MULTILINE))
    if declared != len(modules) + len(options):
        raise ValueError(f"{declared} entries, but only {len(modules) + len(options)} were understood")
    return modules, options, {canonical: letter for letter, canonical in SHORT.findall(text)}


def spelled(group, letters):
    """`-s`, `--source`, `--src`, a `!` in front where it may stand."""
    names = [f"`-{letters[group[0]['canonical']]}`"] if group[0]["canonical"] in letters else []
    names += [f"`--{option['name']}`" for option in group]
    return ("[`!`] " if "kNegatable" in group[0]["flags"] else "") + ", ".join(names)


def grouped(module, options):
    """The options of a module, spellings of the same together."""
    groups = {}
    for option in options:
        if option["module"] == module["id"]:
            groups.setdefault(option["canonical"], []).append(option)
    return list(groups.values())


def named(module):
    return f"`{module['name']}`" + ("" if module["families"] == "Both" else f" ({module['families']})")


def optionRows(module, options, letters):
    for group in grouped(module, options):
        yield f"| {spelled(group, letters)} | {STATES[group[0]['state']]} |"


# From here on the page is written by hand; test/parse/options.py reads it.
BY_HAND = "## Where iptables says otherwise"


def page(text):
    modules, options, letters = read(text)
    lines = [INTRODUCTION, "## Of every rule", "", "| option | state |", "|---|---|"]
    base = [option for option in options if option["module"] == "Base" and option["state"] in STATES]
    lines += optionRows(modules[0], base, letters)
    lines += ["", f"{modules[0]['reason'][0].upper()}{modules[0]['reason'][1:]}. A host name in place of an address is",
              "some unknown set of addresses: a function of the packet.", "", "## Matches"]
    for module in modules[1:]:
        if module["macro"] == "MATCH":
            lines += ["", f"### {named(module)}", "", f"{STATES[module['state']].capitalize()}: {module['reason']}."]
            rows = list(optionRows(module, options, {}))
            lines += ["", "| option | state |", "|---|---|", *rows] if rows else []
    lines += ["", "## Targets", "", "| target | is | what it does | options |", "|---|---|---|---|"]
    for module in modules:
        if module["macro"] == "TARGET":
            spellings = ", ".join(spelled(group, {}) for group in grouped(module, options))
            lines.append(f"| {named(module)} | {KINDS[module['state']]} | {module['reason']} | {spellings} |")
    return "\n".join(lines) + "\n"


def main(root, write):
    path = root / "docs/options.md"
    made = page((root / "lib/parse/Options.def").read_text())
    byHand = path.read_text().partition(BY_HAND)
    made += "\n" + byHand[1] + byHand[2]
    if write:
        path.write_text(made)
        return 0
    difference = list(difflib.unified_diff(path.read_text().splitlines(), made.splitlines(), "docs/options.md",
                                           "lib/parse/Options.def", lineterm=""))
    print("\n".join(difference) or "docs/options.md says what lib/parse/Options.def says")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "--write" in sys.argv))
