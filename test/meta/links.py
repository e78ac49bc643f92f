"""Says which links and file names in the documentation lead nowhere, and which pages nothing leads to.

usage: links.py ROOT

Looks at every Markdown file under ROOT. A link must lead to a file, a folder or a heading that exists. A
file named in backticks by its path from the root must exist, unless the path has a placeholder: ID, *, <.
Every page under docs/ must be reached by links from docs/README.md; a link to a folder reaches its pages.
Exit 1 when anything is wrong, or nothing was found.
"""
import re
import sys
from pathlib import Path

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
NAMED_FILE = re.compile(r"`((?:lib|test|docs|tools|grammar|bench|cmake|examples)/[\w./+-]+\.\w+)`")
PLACEHOLDER = re.compile(r"\bID\b|\.\.\.")


def withoutFences(text):
    """The lines of a page, those of fenced code blanked: nothing in there is a link or a heading."""
    inside = False
    for line in text.splitlines():
        fence = line.lstrip().startswith("```")
        yield "" if inside or fence else line
        inside ^= fence


def headings(path):
    """The anchors of a page's headings, as hosting sites make them."""
    for line in withoutFences(path.read_text()):
        if match := re.match(r"#+ +(.*)", line):
            yield re.sub(r"[^\w\- ]", "", match[1].lower()).replace(" ", "-")


def resolve(page, target):
    """What a relative link leads to: a path, or None when there is nothing."""
    name, _, anchor = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    if not path.exists():
        return None
    if anchor and (path.is_dir() or anchor not in headings(path)):
        return None
    return path


def linksOf(page):
    for number, line in enumerate(withoutFences(page.read_text()), 1):
        for target in LINK.findall(line):
            if not re.match(r"[a-z]+:", target):
                yield number, target


def deadEnds(root, page):
    for number, target in linksOf(page):
        if not resolve(page, target):
            yield f"{page}:{number}: nothing at {target}"
    for number, line in enumerate(withoutFences(page.read_text()), 1):
        for name in NAMED_FILE.findall(line):
            if not PLACEHOLDER.search(name) and not (root / name).exists():
                yield f"{page}:{number}: no file {name}"


def reached(start):
    """Every page that links lead to from here."""
    found, waiting = set(), [start]
    while waiting:
        page = waiting.pop()
        if page in found:
            continue
        found.add(page)
        for path in filter(None, (resolve(page, target) for _, target in linksOf(page))):
            waiting += sorted(path.glob("*.md")) if path.is_dir() else [path] if path.suffix == ".md" else []
    return found


def main(root):
    pages = sorted(p for p in root.rglob("*.md") if not p.relative_to(root).parts[0].startswith("build"))
    problems = [problem for page in pages for problem in deadEnds(root, page)]
    fromIndex = reached(root / "docs" / "README.md") if pages else set()
    problems += [f"{page}:1: no link leads here" for page in sorted((root / "docs").rglob("*.md")) if page not in fromIndex]
    if not pages:
        problems.append(f"{root}: no pages found")
    print("\n".join(problems) or f"{len(pages)} pages, every link leads somewhere")
    return 1 if problems else 0


sys.exit(main(Path(sys.argv[1]).resolve()))
