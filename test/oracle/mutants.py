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


def compile_command(build, source_file):
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if pathlib.Path(entry["file"]) == source_file:
            words = [word for word in shlex.split(entry["command"]) if word != "ccache" and not word.endswith("/ccache")]
            return words[: words.index("-o")], entry["directory"]
    sys.exit(f"{source_file} is not in compile_commands.json")


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
    objects = sorted((args.build / "test/oracle/CMakeFiles/iptlint-oracle.dir").glob("*.o"))
    libraries = [args.build / "test/oracle/libiptlint_worlds.a"]
    libraries += [args.build / f"lib/libiptlint_{layer}.a" for layer in ("eval", "analysis", "packet", "support")]
    subprocess.run([command[0], "-o", str(program), str(obj), *map(str, objects + libraries), *args.link], check=True)
    return program


def catching_family(program, mutant, stride):
    """The first family that catches the bug, with what it printed."""
    for family in mutant.families:
        run = subprocess.run([str(program), family, "--only-first", "--stride", str(stride)], capture_output=True, text=True)
        if run.returncode != 0:
            return family, run.stdout + run.stderr
    return None, ""


def is_caught(mutant, args):
    text, error = planted(mutant, args.source)
    if error:
        print(error)
        return False
    with tempfile.TemporaryDirectory() as work:
        program = build_mutant(mutant, text, args, pathlib.Path(work))
        for stride in (31, 1):
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
    parser.add_argument("--link", type=shlex.split, default=[], help="what else to link with")
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
    caught = sum([is_caught(mutant, args) for mutant in mutants])
    print(f"{caught} of {len(mutants)} planted bugs were caught")
    return 0 if caught == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
