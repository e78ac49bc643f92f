"""Says whether docs/config.md and lib/driver/Config.cpp have the same keys.

usage: config_doc.py ROOT

Keys are the first cells of the page's tables and the entries of Reader::kKeys. Exit 1 when they differ or
there are none.
"""
import re
import sys
from pathlib import Path

DOCUMENTED = re.compile(r"^\| `([a-z-]+)` \|", re.MULTILINE)
READ = re.compile(r'^    \{"([a-z-]+)", &Reader::', re.MULTILINE)


def main(root):
    documented = DOCUMENTED.findall((root / "docs/config.md").read_text())
    read = READ.findall((root / "lib/driver/Config.cpp").read_text())
    problems = [f"docs/config.md does not have the key {key}" for key in read if key not in documented]
    problems += [f"docs/config.md has the key {key}, which is not read" for key in documented if key not in read]
    problems += [f"docs/config.md has the key {key} twice" for key in set(documented) if documented.count(key) > 1]
    if not read:
        problems.append("no keys found")
    print("\n".join(problems) or f"{len(read)} keys are documented")
    return 1 if problems else 0


sys.exit(main(Path(sys.argv[1])))
