#!/usr/bin/env python3
"""Plants bugs in analysis, one at a time, and demands that the small worlds catch each of them.

mutants.txt lists the bugs. For each, the file is copied and changed, compiled by its own command
out of compile_commands.json, and linked with the oracle in front of the library that
holds the unchanged object. A bug that no family of worlds catches fails the test, as does a text that is not
in its file exactly once: then analysis has changed, and the list has to follow.
"""
import argparse
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

SKIPPED = 77
AT_LEAST = 20
QUICK_STRIDE = 31


class Mutant:
    def __init__(self, file, breaks, families, original, replacement):
        self.file, self.breaks, self.families = file, breaks, families
        self.original, self.replacement = original, replacement


def section(lines, name):
    """The lines behind `name:` up to the next line that is not indented, without their indentation."""
    at = lines.index(name + ":") + 1
    end = at
    while end != len(lines) and (lines[end].startswith("  ") or not lines[end]):
        end += 1
    return "\n".join(line[2:] for line in lines[at:end]).strip("\n")


def read_mutants(path):
    text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))
    mutants = []
    for block in text.split("\n---\n"):
        lines = block.strip("\n").splitlines()
        head = dict(line.split(": ", 1) for line in lines if not line.startswith(" ") and ": " in line)
        mutants.append(Mutant(head["file"], head["breaks"], head["families"].split(),
                              section(lines, "text"), section(lines, "becomes")))
    return mutants


def without_ccache(words):
    return [word for word in words if pathlib.Path(word).name != "ccache"]


def compile_command(build, source_file):
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if pathlib.Path(entry["file"]) == source_file:
            words = without_ccache(shlex.split(entry["command"]))
            return words[: words.index("-o")], entry["directory"]
    sys.exit(f"{source_file} is not in compile_commands.json")


def link_command(build):
    """How the oracle is linked, and where."""
    if not (build / "build.ninja").exists():
        folder = build / "test/oracle"
        return without_ccache(shlex.split((folder / "CMakeFiles/iptlint-oracle.dir/link.txt").read_text())), folder
    commands = subprocess.run(["ninja", "-C", str(build), "-t", "commands", "-s", "bin/iptlint-oracle"],
                              capture_output=True, text=True, check=True).stdout
    words = shlex.split(commands.strip().splitlines()[-1])
    return without_ccache([word for word in words if word not in (":", "&&")]), build


def planted(mutant, source):
    """The text of the file with the bug in it; an error as text if it cannot be planted."""
    text = (source / "lib/analysis" / mutant.file).read_text()
    count = text.count(mutant.original)
    if count != 1:
        return None, f"{mutant.file} holds this text {count} times, not once:\n{mutant.original}"
    return text.replace(mutant.original, mutant.replacement), None


def build_mutant(mutant, text, args, work):
    """An oracle with the bug in it. Own headers are found by the include paths of the original."""
    changed, obj, program = work / mutant.file, work / "mutant.o", work / "oracle"
    changed.write_text(text)
    command, directory = compile_command(args.build, args.source / "lib/analysis" / mutant.file)
    subprocess.run(command + ["-O1", "-w", "-o", str(obj), "-c", str(changed)], cwd=directory, check=True)
    words, folder = link_command(args.build)
    words[words.index("-o") + 1] = str(program)
    subprocess.run(words[:1] + [str(obj)] + words[1:], cwd=folder, check=True)
    return program


def catching_family(program, mutant, stride):
    """The first family that catches the bug, with what it printed."""
    for family in mutant.families:
        run = subprocess.run([str(program), family, "--only-first", "--stride", str(stride)], capture_output=True, text=True)
        if run.returncode != 0:
            return family, run.stdout + run.stderr
    return None, ""


def differing_without_bugs(mutants, args):
    """Families that find a difference in analysis as it is: there nothing would be shown by another one."""
    families = sorted({family for mutant in mutants for family in mutant.families})
    program = args.build / "bin/iptlint-oracle"
    return [family for family in families
            if subprocess.run([str(program), family, "--stride", str(QUICK_STRIDE)], capture_output=True).returncode != 0]


def is_caught(mutant, args):
    text, error = planted(mutant, args.source)
    if error:
        print(error)
        return False
    with tempfile.TemporaryDirectory() as work:
        program = build_mutant(mutant, text, args, pathlib.Path(work))
        for stride in (QUICK_STRIDE, 1):
            family, _ = catching_family(program, mutant, stride)
            if family:
                print(f"caught by {family}: {mutant.breaks}", flush=True)
                return True
    print(f"NOT CAUGHT: {mutant.breaks} ({mutant.file})", flush=True)
    return False


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
    if len(mutants) < AT_LEAST:
        sys.exit(f"{len(mutants)} bugs are listed, {AT_LEAST} are promised")
    if args.only:
        mutants = [mutants[args.only - 1]]
    differing = differing_without_bugs(mutants, args)
    if differing:
        sys.exit(f"analysis differs from eval without any bug planted: {', '.join(differing)}")
    caught = sum([is_caught(mutant, args) for mutant in mutants])
    print(f"{caught} of {len(mutants)} planted bugs were caught")
    return 0 if caught == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
