#!/usr/bin/env python3
"""The rules of the house that no compiler knows, one line a rule.

usage: house.py [--root FOLDER] [RULE…]

Reads every file of the checkout that git tracks or would track. Exit code 0: all hold, 1: a list
of what does not, one `file:line: what` each.
"""

import io
import os
import re
import subprocess
import sys
import time
import tokenize
from pathlib import Path, PurePosixPath

# Who may include whom; design: schemas ← process, schemas ← kafka, both ← ingest, sink ← service.
LAYERS = {
    "schemas": {"schemas"},
    "process": {"schemas", "process"},
    "kafka": {"schemas", "kafka"},
    "ingest": {"schemas", "process", "kafka", "ingest"},
    "sink": {"schemas", "process", "kafka", "sink"},
    "service": {"schemas", "process", "kafka", "ingest", "sink", "service"},
}
# Inside these, only the adapters (files and targets named kafka) may use kafka: the rest has to
# work without it, as a library.
ADAPTER_LAYERS = {"ingest", "sink"}
# Who may see librdkafka itself: the seam, its tests, and the bare loops it is measured against.
RDKAFKA_HOMES = ("kafka/", "tests/kafka/", "tests/bench/", "tests/fault/")

README_LINES_MAX = 150

# Text that is other people's or the subject of a test, where words mean what they mean.
DATA_FOLDERS = ("deploy/samples/",)
SOURCES = (".h", ".cc")


# --------------------------------------------------------------------------------------------
# Reading the tree.


def list_files(root):
    """The files git tracks or would track, relative, sorted; without git, all but build folders."""
    try:
        out = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "-c", "-o", "--exclude-standard"],
            cwd=root, capture_output=True, check=True).stdout
        names = out.decode("utf-8", "surrogateescape").split("\0")
    except (OSError, subprocess.CalledProcessError):
        names = []
        for folder, folders, files in os.walk(root):
            folders[:] = [f for f in folders if f not in ("build", ".git", ".cache", "__pycache__")]
            names += [os.path.relpath(os.path.join(folder, f), root) for f in files]
    return sorted({n for n in names if n and (root / n).is_file() and not (root / n).is_symlink()})


class Tree:
    def __init__(self, root):
        self.root = Path(root).resolve()
        self.files = list_files(self.root)
        self._texts = {}
        self._parts = {}

    def text(self, name):
        """The file's text, or "" for a binary one."""
        if name not in self._texts:
            data = (self.root / name).read_bytes()
            self._texts[name] = "" if b"\0" in data else data.decode("utf-8", "replace")
        return self._texts[name]

    def code(self, name):
        return self._split(name)[0]

    def comments(self, name):
        return self._split(name)[1]

    def _split(self, name):
        if name not in self._parts:
            self._parts[name] = split_cpp(self.text(name))
        return self._parts[name]

    def sources(self):
        return [n for n in self.files if n.endswith(SOURCES)]


CPP_PIECE = re.compile(
    r'(?P<comment>//(?:[^\\\n]|\\.|\\\n)*|/\*.*?\*/)'
    r'|(?P<raw>\b(?:u8|[uUL])?R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)")'
    r'|(?P<string>"(?:[^"\\\n]|\\.)*")'
    # A quote between digits separates thousands; only one that stands alone opens a character.
    r"|(?P<char>(?<![0-9A-Za-z_])'(?:[^'\\\n]|\\.)+')", re.S)


def split_cpp(text):
    """(code, comments): the text twice, each time with the other part and all strings blanked, so
    that lines keep their numbers. An include's name survives in code."""
    code, comments, at = [], [], 0

    def blank(piece):
        return re.sub(r"[^\n]", " ", piece)

    for found in CPP_PIECE.finditer(text):
        between = text[at:found.start()]
        piece = found.group()
        code.append(between)
        comments.append(blank(between))
        is_comment = found.group("comment") is not None
        comments.append(piece if is_comment else blank(piece))
        line_start = text.rfind("\n", 0, found.start()) + 1
        is_include = re.match(r"\s*#\s*include\s*$", text[line_start:found.start()])
        code.append(piece if is_include and not is_comment else blank(piece))
        at = found.end()
    code.append(text[at:])
    comments.append(blank(text[at:]))
    return "".join(code), "".join(comments)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def each_match(pattern, text):
    for found in re.finditer(pattern, text, re.M):
        yield line_of(text, found.start()), found


def layer_of(name):
    first = PurePosixPath(name).parts[0] if name else ""
    return first if first in LAYERS else None


def is_adapter(name):
    return "kafka" in PurePosixPath(name).name


# --------------------------------------------------------------------------------------------
# The rules. Each takes the tree and returns (what was looked at, list of problems).


def rule_includes(tree):
    """Includes point one way, and only the seam sees librdkafka."""
    problems, count = [], 0
    known = set(tree.files)
    for name in tree.sources():
        count += 1
        own = layer_of(name)
        folder = str(PurePosixPath(name).parent)
        for line, found in each_match(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', tree.code(name)):
            bracket, wanted = found.groups()
            if re.search(r"(^|/)rdkafka(_mock|cpp)?\.h$", wanted):
                if not name.startswith(RDKAFKA_HOMES):
                    problems.append(f"{name}:{line}: only kafka/ may include {wanted}")
                continue
            target = wanted[len("telex/"):] if wanted.startswith("telex/") else wanted
            if bracket == '"':
                beside = os.path.normpath(os.path.join(folder, target))
                if beside in known or target.startswith("../"):
                    target = beside
            target = os.path.normpath(target)
            if own is None:
                continue
            if target.startswith("tests/"):
                problems.append(f"{name}:{line}: {own}/ must not include {target}")
                continue
            other = layer_of(target)
            # A system header of the same first name (<kafka/…>) is not ours.
            if other is None or (bracket == "<" and target not in known):
                continue
            if other not in LAYERS[own]:
                problems.append(f"{name}:{line}: {own}/ must not include {target}")
            elif own in ADAPTER_LAYERS and other == "kafka" and not is_adapter(name):
                problems.append(f"{name}:{line}: in {own}/ only its kafka adapter may include {target}")
    return f"{count} sources, all pointing one way", problems


CMAKE_COMMAND = re.compile(r"\b([A-Za-z_]\w*)[ \t]*\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
CMAKE_WORDS = {"PUBLIC", "PRIVATE", "INTERFACE", "LIBS", "SOURCES", "STATIC", "SHARED", "OBJECT"}


def strip_cmake_comments(text):
    text = re.sub(r"#\[(=*)\[.*?\]\1\]", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)
    return re.sub(r"#[^\n]*", lambda m: " " * len(m.group()), text)


def rule_links(tree):
    """CMake says the same: no target links one that its folder may not include."""
    homes, aliases, edges = {}, {}, []
    lists = [n for n in tree.files if n.endswith("CMakeLists.txt") or n.endswith(".cmake")]
    for name in lists:
        text = strip_cmake_comments(tree.text(name))
        for found in CMAKE_COMMAND.finditer(text):
            command, body = found.group(1).lower(), found.group(2)
            # Variables say nothing here; of $<BUILD_INTERFACE:name> the name stays.
            body = re.sub(r"\$\{[^}]*\}|\$<[A-Z_]+:", " ", body)
            words = re.findall(r"[A-Za-z_][\w:.+/-]*", body)
            if not words:
                continue
            target, line = words[0], line_of(text, found.start())
            if command in ("add_library", "telex_library", "add_executable", "telex_binary"):
                if "ALIAS" in words:
                    aliases[target] = words[-1]
                    continue
                if "IMPORTED" in words:
                    continue
                home = name
                if layer_of(name) is None and not name.startswith("tests/"):
                    # Declared further up: its sources tell where it lives.
                    home = next((w for w in words[1:] if layer_of(w)), name)
                homes[target] = home
            if command in ("telex_library", "telex_binary", "target_link_libraries"):
                links = words[1:]
                if command != "target_link_libraries":
                    keep, links = False, []
                    for word in words[1:]:
                        if word in CMAKE_WORDS:
                            keep = word in ("PUBLIC", "PRIVATE", "INTERFACE", "LIBS")
                        elif keep:
                            links.append(word)
                edges += [(name, line, target, link) for link in links if link not in CMAKE_WORDS]
    problems = []
    for name, line, target, link in edges:
        home = homes.get(target, name)
        own = layer_of(home)
        link = aliases.get(link, link)
        if re.search(r"(^|[:_])rdkafka", link, re.I):
            if not home.startswith(RDKAFKA_HOMES):
                problems.append(f"{name}:{line}: {target} must not link {link}, only kafka/ may")
            continue
        other = layer_of(homes.get(link, ""))
        if own is None or other is None:
            continue
        if other not in LAYERS[own]:
            problems.append(f"{name}:{line}: {target} ({own}/) must not link {link} ({other}/)")
        elif own in ADAPTER_LAYERS and other == "kafka" and "kafka" not in target:
            problems.append(f"{name}:{line}: {target} must not link {link}, only {own}/'s kafka adapter may")
    return f"{len(homes)} targets, linked the same way", problems


SKIPS_CPP = (
    (r"\bGTEST_SKIP\b", "a test may not skip itself"),
    (r"\b(?:TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P|RC_GTEST_PROP)\s*\([^)]*\bDISABLED_", "a disabled test"),
    (r"\bINSTANTIATE_\w+\s*\(\s*DISABLED_", "disabled tests"),
    (r"\b(?:EXPECT|ASSERT)_TRUE\s*\(\s*(?:true|1)\s*\)", "an expectation that cannot fail"),
    (r"\b(?:EXPECT|ASSERT)_FALSE\s*\(\s*(?:false|0)\s*\)", "an expectation that cannot fail"),
    (r"\b(?:EXPECT|ASSERT)_EQ\s*\(\s*(\w+)\s*,\s*\1\s*\)", "an expectation that cannot fail"),
    (r"\bSUCCEED\s*\(\s*\)", "a success that was not earned"),
    (r"\b(?:TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P|RC_GTEST_PROP)\s*\((?:[^()]|\([^()]*\))*\)\s*\{\s*\}",
     "a test that tests nothing"),
)
SKIPS_CMAKE = (
    (r"\bDISABLED\s+(?:TRUE|ON|1)\b", "a disabled test"),
    (r"\bSKIP_(?:RETURN_CODE|REGULAR_EXPRESSION)\b", "a test that may skip itself"),
    (r"\bWILL_FAIL\s+(?:TRUE|ON|1)\b", "a test that has to fail proves the wrong thing"),
)
SKIPS_PYTHON = ((r"\bskipTest\b|@(?:unittest\.)?skip|\bpytest\.(?:mark\.)?skip", "a test may not skip itself"),)


def rule_tests(tree):
    """Every test runs and can fail."""
    problems, count = [], 0
    for name in tree.files:
        if not name.startswith("tests/") or name.startswith("tests/tidy/house"):
            continue
        if name.endswith(SOURCES):
            text, rules = tree.code(name), SKIPS_CPP
        elif name.endswith((".cmake", "CMakeLists.txt")):
            text, rules = strip_cmake_comments(tree.text(name)), SKIPS_CMAKE
        elif name.endswith(".py"):
            text, rules = tree.text(name), SKIPS_PYTHON
        else:
            continue
        count += 1
        for pattern, what in rules:
            problems += [f"{name}:{line}: {what}" for line, _ in each_match(pattern, text)]
    return f"{count} files, nothing skipped or hollow", problems


POSTPONED = r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b"


def comments_of_python(text):
    out = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                out.append((token.start[0], token.string))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        out = list(enumerate(text.splitlines(), 1))
    return out


def rule_postponed(tree):
    """No note to self: comments of code, and all of the documents."""
    problems, count = [], 0
    for name in tree.files:
        if name.startswith(DATA_FOLDERS):
            continue
        text = tree.text(name)
        if name.endswith(SOURCES):
            lines = enumerate(tree.comments(name).splitlines(), 1)
        elif name.endswith(".py"):
            lines = comments_of_python(text)
        elif name.endswith((".cmake", "CMakeLists.txt", ".sh", ".yml", ".yaml", ".toml")) or text.startswith("#!"):
            lines = [(n, m.group()) for n, l in enumerate(text.splitlines(), 1)
                     for m in [re.search(r"(?:^|\s)#.*", l)] if m]
        elif name.endswith((".js", ".mjs", ".css", ".html")):
            lines = [(line, m.group()) for line, m in
                     each_match(r"(?:^|\s)//.*|/\*[\s\S]*?\*/|<!--[\s\S]*?-->", text)]
        elif name.endswith(".md"):
            lines = enumerate(text.splitlines(), 1)
        else:
            continue
        count += 1
        problems += [f"{name}:{line}: do it now, or leave it out: {found.group()}"
                     for line, comment in lines for found in [re.search(POSTPONED, comment)] if found]
    return f"{count} files, nothing left for later", problems


def rule_paths(tree):
    """No path of somebody's machine: everything is found from the checkout."""
    pattern = r"(?<![\w./:\-}$)*])/(?:(?:work|root)(?=/)|home/[a-z_]\w*(?=/)|Users/\w+(?=/))[^\s\"'`)]*"
    if len(tree.root.parts) > 2:
        pattern += "|" + re.escape(str(tree.root)) + r"(?=[/\s\"'`)]|$)"
    problems, count = [], 0
    for name in tree.files:
        if name.startswith(DATA_FOLDERS) or name.startswith("tests/tidy/house"):
            continue
        count += 1
        problems += [f"{name}:{line}: a path of one machine: {found.group()}"
                     for line, found in each_match(pattern, tree.text(name))]
    return f"{count} files, no path of one machine", problems


def rule_scripts(tree):
    """What starts with #! can be run, what can be run starts with #!, and bash understands it."""
    problems, count = [], 0
    modes = {}
    try:
        out = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-s", "-z"], cwd=tree.root,
                             capture_output=True, check=True).stdout.decode("utf-8", "surrogateescape")
        for entry in filter(None, out.split("\0")):
            mode, _, rest = entry.partition(" ")
            modes[rest.split("\t", 1)[1]] = mode
    except (OSError, subprocess.CalledProcessError, IndexError):
        pass
    for name in tree.files:
        text = tree.text(name)
        shebang = text.startswith("#!")
        runs = os.access(tree.root / name, os.X_OK)
        if shebang or runs:
            count += 1
        if shebang and not runs:
            problems.append(f"{name}:1: a script without its run bit (chmod +x)")
        if runs and not shebang and text:
            problems.append(f"{name}:1: has a run bit but no #! line")
        if shebang and modes.get(name, "100755") != "100755":
            problems.append(f"{name}:1: git does not know its run bit (git add --chmod=+x)")
        if name.endswith(".sh") or re.match(r"#!.*\b(?:ba)?sh\b", text):
            done = subprocess.run(["bash", "-n", str(tree.root / name)], capture_output=True, text=True)
            if done.returncode:
                message = done.stderr.strip().splitlines()
                found = re.search(r"line (\d+): (.*)", message[0]) if message else None
                where, what = found.groups() if found else ("1", "bash does not understand it")
                problems.append(f"{name}:{where}: {what}")
    return f"{count} scripts, runnable and understood", problems


def rule_readme(tree):
    """The README stays short enough to be read."""
    if "README.md" not in tree.files:
        return "no README.md yet", []
    lines = len(tree.text("README.md").splitlines())
    problems = []
    if lines > README_LINES_MAX:
        problems.append(f"README.md:{README_LINES_MAX + 1}: {lines} lines, at most {README_LINES_MAX}")
    return f"README.md has {lines} lines of {README_LINES_MAX}", problems


RULES = {
    "includes": rule_includes,
    "links": rule_links,
    "tests": rule_tests,
    "postponed": rule_postponed,
    "paths": rule_paths,
    "scripts": rule_scripts,
    "readme": rule_readme,
}


def main(arguments):
    root = Path(__file__).resolve().parents[2]
    if arguments[:1] == ["--root"] and len(arguments) > 1:
        root, arguments = Path(arguments[1]), arguments[2:]
    unknown = [a for a in arguments if a not in RULES]
    if unknown:
        print(f"no such rule: {unknown[0]}; there are {', '.join(RULES)}", file=sys.stderr)
        return 64
    tree = Tree(root)
    all_problems = []
    for name in arguments or RULES:
        begun = time.monotonic()
        looked_at, problems = RULES[name](tree)
        text = f"{len(problems)} to mend" if problems else looked_at
        mark = "✗" if problems else "✓"
        print(f"  {name:<10} {text:<51}  {mark} {time.monotonic() - begun:4.1f} s", flush=True)
        all_problems += problems
    for problem in all_problems:
        print(f"    {problem}")
    return 1 if all_problems else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main(sys.argv[1:]))
