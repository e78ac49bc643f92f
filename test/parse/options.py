"""Asks iptables-legacy-restore and the kernel about thousands of one-rule texts, made from every row of
lib/parse/Options.def, and compares: what they take has no error here, what they refuse has one.

usage: options.py ROOT        the first case of each option and family, and an eighth of the others; of
                              those a hundredth with IPTLINT_REDUCED=1 in the environment
       options.py ROOT --all  all of them, which takes minutes

Prints the agreement, which must be 98 % at least, and fails for a row without cases. Differences that are known
stand in docs/options.md, below `## Where iptables says otherwise`, by module with the reason; one of another module
fails, and with --all a module that no longer differs."""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import kernel_says
import option_cases

CHECKS = "syntax,undefined-chain,unmodelled-option,wrong-table,wrong-hook,missing-match,set-undefined"
LEAST = 0.98


def oursFor(family, cases, folder):
    """Of each case, the first error that iptlint finds, or None."""
    paths = []
    for number, case in enumerate(cases):
        paths.append(os.path.join(folder, f"{family}.{number}"))
        Path(paths[-1]).write_text(case.text)
    sets = os.path.join(folder, "sets")
    Path(sets).write_text(kernel_says.SETS)
    command = ["iptlint", f"--family={family}", f"--sets={sets}", "--format=json", "--fail-on=never",
               f"--checks={CHECKS}", *paths]  # fmt: skip
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    errors = {}
    for finding in json.loads(output)["findings"]:
        if finding["severity"] == "error":
            errors.setdefault(finding["path"], finding["message"])
    return [errors.get(path) for path in paths]


def ours(cases):
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for family in (4, 6):
            own = [case for case in cases if case.family == family]
            found.update(zip(own, oursFor(family, own, folder)))
        return found


def knownDifferences(page):
    """The modules that the page's table of differences names."""
    section = page.partition("## Where iptables says otherwise")[2]
    return {name for cell in re.findall(r"^\|([^|]+)\|", section, re.M) for name in re.findall(r"`(\w+)`", cell)}


def compare(cases):
    mine = ours(cases)
    differing = []
    for case, (loads, passes, said) in zip(cases, kernel_says.askAll(cases, os.cpu_count() or 1)):
        takes = passes if case.module in option_cases.NOT_LOADED else loads
        if takes != (mine[case] is None):
            differing.append((case, said.strip().split("\n")[0] if not takes else mine[case]))
    return differing


def main():
    root = Path(sys.argv[1])
    text = (root / "lib/parse/Options.def").read_text()
    everything = "--all" in sys.argv
    cases = option_cases.chosen(text, (root / "lib/parse/Places.def").read_text(), 1 if everything else 100 if os.environ.get("IPTLINT_REDUCED") else 8)
    modules, options = option_cases.table(text)
    names = {module.id: module.name for module in modules}
    covered = {(case.module, case.option) for case in cases}
    wrong = [f"{option.module} {option.name}: no cases" for option in options
             if (option.module, option.name) not in covered]  # fmt: skip
    known = knownDifferences((root / "docs/options.md").read_text())
    differing = compare(cases)
    for case, said in differing:
        if names[case.module] not in known:
            wrong.append(f"IPv{case.family}: {said}\n    " + case.text.replace("\n", "\n    "))
    agreement = 1 - len(differing) / len(cases)
    count = collections.Counter(names[case.module] for case, _ in differing)
    if everything:
        wrong += [f"docs/options.md lists a difference that is gone: {name}" for name in sorted(known - set(count))]
    print("\n".join(wrong))
    print(f"{len(cases)} cases, {100 * agreement:.2f} % agree; differing: " +
          ", ".join(f"{name} {number}" for name, number in count.most_common()))
    return bool(wrong) or agreement < LEAST


if __name__ == "__main__":
    sys.exit(main())
