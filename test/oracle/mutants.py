#!/usr/bin/env python3
"""Plants bugs in analysis and tree, one at a time, and demands that the small worlds catch each of them.

mutants.txt lists the bugs. For each, the file is copied and changed, compiled by its own command
out of compile_commands.json (with all of its bundle, where sources are compiled in bundles), and linked with the
oracle in front of the library that holds the unchanged object. A bug that no family of worlds catches fails the test, as does a text that is not
in its file exactly once: then analysis has changed, and the list has to follow.

Every bug must fit its file; one in three is compiled and tried, all of them with IPTLINT_LONG=1 in the environment.
"""
import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

SKIPPED = 77
AT_LEAST = 20
QUICK_STRIDE = "31"
USUALLY_ONE_IN = 3


class Edit:
    """One text of one file and what it becomes."""

    def __init__(self, file):
        self.file, self.text, self.becomes = file, [], []


class Mutant:
    def __init__(self):
        self.name, self.agrees, self.families, self.edits = "", False, [], []

    def read_line(self, line):
        if line.startswith("  "):
            self.section.append(line[2:])
            return
        key, value = line.split(":", 1)
        if key in ("breaks", "agrees"):
            self.name, self.agrees = value.strip(), key == "agrees"
        elif key == "families":
            self.families = value.split()
        elif key == "file":
            self.edits.append(Edit(value.strip()))
        elif key in ("text", "becomes"):
            self.section = getattr(self.edits[-1], key)
        else:
            sys.exit(f"mutants.txt: what is '{line}'?")


def read_mutants(path):
    mutants = [Mutant()]
    for line in path.read_text().splitlines():
        if line == "---":
            mutants.append(Mutant())
        elif line and not line.startswith("#"):
            mutants[-1].read_line(line)
    return mutants


def without_ccache(words):
    return [word for word in words if pathlib.Path(word).name != "ccache"]


def compile_command(build, source_file):
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if pathlib.Path(entry["file"]) == source_file:
            words = without_ccache(shlex.split(entry["command"]))
            return words[: words.index("-o")], entry["directory"]
    sys.exit(f"{source_file} is not in compile_commands.json")


def link_command(build, target):
    """How one of the oracles is linked, and where."""
    if not (build / "build.ninja").exists():
        folder = build / "test/oracle"
        return without_ccache(shlex.split((folder / f"CMakeFiles/{target}.dir/link.txt").read_text())), folder
    commands = subprocess.run(["ninja", "-C", str(build), "-t", "commands", "-s", f"bin/{target}"],
                              capture_output=True, text=True, check=True).stdout
    words = shlex.split(commands.strip().splitlines()[-1])
    return without_ccache([word for word in words if word not in (":", "&&")]), build


class CannotPlant(Exception):
    pass


def original(file, source):
    """Where a file of mutants.txt stands: in lib/analysis, unless it names its layer."""
    return source / "lib" / (file if "/" in file else f"analysis/{file}")


def planted(edits, source):
    """The text of the file that these edits are of, with the bug in it."""
    text = original(edits[0].file, source).read_text()
    for edit in edits:
        before = "\n".join(edit.text)
        if text.count(before) != 1:
            raise CannotPlant(f"{edit.file} holds this text {text.count(before)} times, not once:\n{before}")
        text = text.replace(before, "\n".join(edit.becomes))
    return text


def fits(mutant, source):
    """Whether each of its files holds the texts that it changes."""
    try:
        for file in sorted({edit.file for edit in mutant.edits}):
            planted([edit for edit in mutant.edits if edit.file == file], source)
    except CannotPlant as error:
        print(error)
        return False
    return True


def bundle_of(source_file, build):
    """CMake's file that includes this one and its neighbours; nothing where sources are compiled one by one."""
    bundles = (build / "lib").glob("CMakeFiles/*/Unity/*.cxx")
    return next((bundle for bundle in bundles if f'#include "{source_file}"' in bundle.read_text()), None)


def changed_units(mutant, args, work):
    """What is compiled anew: by the file that it stands for, its text."""
    units = {}
    for file in sorted({edit.file for edit in mutant.edits}):
        source_file = original(file, args.source)
        text = planted([edit for edit in mutant.edits if edit.file == file], args.source)
        bundle = bundle_of(source_file, args.build)
        if bundle:
            changed = work / source_file.name
            changed.write_text(text)
            text = units.get(bundle, bundle.read_text()).replace(f'"{source_file}"', f'"{changed}"')
        units[bundle or source_file] = text
    return units


def compile_mutant(mutant, args, work):
    """The objects of the changed files; own headers are found by the include paths of the originals."""
    objects = []
    for unit, text in changed_units(mutant, args, work).items():
        changed = work / f"changed-{len(objects)}.cpp"
        changed.write_text(text)
        command, directory = compile_command(args.build, unit)
        objects.append(changed.with_suffix(".o"))
        subprocess.run(command + ["-O1", "-w", "-o", str(objects[-1]), "-c", str(changed)], cwd=directory, check=True)
    return objects


def link_mutant(target, objects, args, work):
    """An oracle with the bug: its objects come before the library that has the unchanged ones."""
    words, folder = link_command(args.build, target)
    words[words.index("-o") + 1] = str(work / target)
    subprocess.run(words[:1] + [str(obj) for obj in objects] + words[1:], cwd=folder, check=True)
    return work / target


# What is no family of worlds: tables, rule sets and programs made by chance, small machines, the slow reference, and trees.
OTHERS = ("random", "machine", "programs", "machines", "reference", "trees")


def target_of(family):
    return f"iptlint-oracle-{family}" if family in OTHERS else "iptlint-oracle"


def command(program, family, quick, source):
    if family == "reference":
        script = pathlib.Path(__file__).with_name("reference.py")
        return [sys.executable, str(script), "--program", str(program), "--source", str(source),
                "--rules", "150" if quick else "300"]
    if family == "machines":
        return [str(program)]
    if family in OTHERS:
        return [str(program), "--count", "200" if quick else "2000"]
    return [str(program), family, "--only-first", "--stride", QUICK_STRIDE if quick else "1"]


def differs(program, family, quick, source):
    """Whether a family of worlds shows a difference."""
    environment = dict(os.environ, IPTLINT_REDUCED="1" if quick and family == "machines" else "0")
    words = command(program, family, quick, source)
    return subprocess.run(words, capture_output=True, env=environment, check=False).returncode != 0


def first_that_differs(mutant, programs, source):
    for quick in (True,) if mutant.agrees else (True, False):
        for family in mutant.families:
            if differs(programs[target_of(family)], family, quick, source):
                return family
    return None


def differing_without_bugs(mutants, args):
    """Families that find a difference in analysis as it is: there nothing would be shown by another one."""
    families = sorted({family for mutant in mutants for family in mutant.families})
    return [family for family in families if differs(args.build / "bin" / target_of(family), family, True, args.source)]


def is_as_expected(mutant, args):
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        objects = compile_mutant(mutant, args, work)
        targets = {target_of(family) for family in mutant.families}
        programs = {target: link_mutant(target, objects, args, work) for target in targets}
        family = first_that_differs(mutant, programs, args.source)
    found = f"caught by {family}" if family else "not caught"
    if mutant.agrees:
        found = f"differs in {family}" if family else "agrees"
    expected = (family is None) == mutant.agrees
    print(f"{'' if expected else 'WRONG: '}{found}: {mutant.name}", flush=True)
    return expected


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--sanitize", default="", help="as IPTLINT_SANITIZE; anything skips the test")
    parser.add_argument("--only", type=int, help="one mutant, counted from 1")
    return parser.parse_args()


def main():
    args = parse_arguments()
    if args.sanitize:
        print("skipped: bugs are planted in builds without sanitizers only")
        return SKIPPED
    mutants = read_mutants(pathlib.Path(__file__).with_name("mutants.txt"))
    bugs = sum(not mutant.agrees for mutant in mutants)
    if bugs < AT_LEAST:
        sys.exit(f"{bugs} bugs are listed, {AT_LEAST} are promised")
    if not all([fits(mutant, args.source) for mutant in mutants]):
        return 1
    if args.only:
        mutants = [mutants[args.only - 1]]
    elif os.environ.get("IPTLINT_LONG") != "1":
        mutants = mutants[::USUALLY_ONE_IN]
    differing = differing_without_bugs(mutants, args)
    if differing:
        sys.exit(f"analysis or a tree differs from eval without any bug planted: {', '.join(differing)}")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        as_expected = sum(pool.map(lambda mutant: is_as_expected(mutant, args), mutants))
    print(f"{as_expected} of {len(mutants)} changes came out as they must")
    return 0 if as_expected == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
