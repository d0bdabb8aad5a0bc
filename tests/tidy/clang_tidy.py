#!/usr/bin/env python3
"""Runs clang-tidy over the sources of a build folder, and only over those that changed.

usage: clang_tidy.py --build FOLDER [--jobs N] [--tidy PROGRAM]

A source that passed is remembered in FOLDER/../tidy under a digest of all that the answer depends
on: the source, the headers of ours it reaches, its compiler command, .clang-tidy, and clang-tidy
itself. What did not pass is asked again. Exit code 0: clean, 1: a list of what is not.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.M)
SECONDS_MAX = 300  # One source.
# Commands are g++'s; clang need not know all its options, and its own warnings are not asked for.
EXTRA = ["-Wno-unknown-warning-option", "-Wno-unused-command-line-argument", "-Wno-error"]


class Reach:
    """Which files of ours a source reads, and a digest of them."""

    def __init__(self):
        self.contents = {}
        self.includes = {}

    def read(self, path):
        if path not in self.contents:
            try:
                data = Path(path).read_bytes()
            except OSError:
                data = None
            self.contents[path] = data and hashlib.sha256(data).digest()
            self.includes[path] = [i.decode("utf-8", "replace") for i in INCLUDE.findall(data or b"")]
        return self.contents[path]

    def digest(self, source, folders):
        seen, todo, whole = set(), [str(source)], hashlib.sha256()
        while todo:
            path = todo.pop()
            if path in seen:
                continue
            seen.add(path)
            self.read(path)
            for name in self.includes[path]:
                for folder in [os.path.dirname(path), *folders]:
                    candidate = os.path.normpath(os.path.join(folder, name))
                    if candidate.startswith(str(ROOT) + os.sep) and self.read(candidate):
                        todo.append(candidate)
                        break
        for path in sorted(seen):
            whole.update(path.encode() + b"\0" + (self.contents[path] or b""))
        return whole.digest()


def sources_of(build):
    """The commands of our own sources, not of generated ones: [(source, folder, words)]."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = Path(os.path.normpath(os.path.join(entry["directory"], entry["file"])))
        inside = source.is_relative_to(ROOT) and not source.is_relative_to(ROOT / "build")
        if inside and not source.is_relative_to(build) and source.suffix == ".cc" and source.exists():
            words = entry.get("arguments") or shlex.split(entry["command"])
            found.setdefault(source, (source, Path(entry["directory"]), words))
    return list(found.values())


def include_folders(words, directory):
    folders = []
    for at, word in enumerate(words):
        for option in ("-I", "-isystem", "-iquote"):
            if word == option and at + 1 < len(words):
                folders.append(words[at + 1])
            elif word.startswith(option) and len(word) > len(option):
                folders.append(word[len(option):])
    return [os.path.normpath(os.path.join(directory, f)) for f in folders]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--tidy", default="clang-tidy-16")
    options = parser.parse_args()
    build = options.build.resolve()
    cache = build.parent / "tidy"
    cache.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()

    common = hashlib.sha256()
    common.update(subprocess.run([options.tidy, "--version"], capture_output=True, check=True).stdout)
    # One in a folder of tests counts too: clang-tidy takes the nearest.
    for config in sorted(ROOT.glob("**/.clang-tidy")):
        if not config.is_relative_to(ROOT / "build"):
            common.update(bytes(config) + config.read_bytes())
    common.update(Path(__file__).read_bytes())

    reach, jobs, keys = Reach(), [], set()
    for source, directory, words in sources_of(build):
        key = common.copy()
        key.update("\0".join(words).encode())
        key.update(reach.digest(source, include_folders(words, directory)))
        key = key.hexdigest()
        keys.add(key)
        if not (cache / key).exists():
            jobs.append((source.stat().st_size, source, key))
    total = len(keys)
    # The long ones first, so that the last minutes are not spent waiting for one of them.
    jobs.sort(key=lambda job: (-job[0], job[1]))
    headers = "^" + re.escape(str(ROOT)) + "/(?!build/)"

    def check(job):
        _, source, key = job
        command = [options.tidy, "-p", str(build), "--quiet", "--use-color=false",
                   f"--header-filter={headers}", *(f"--extra-arg={e}" for e in EXTRA), str(source)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX,
                                  stdin=subprocess.DEVNULL, cwd=ROOT)
        except subprocess.TimeoutExpired:
            return source, f"{source}:1:1: error: clang-tidy took more than {SECONDS_MAX} s"
        if done.returncode == 0:
            (cache / key).touch()
            return source, ""
        return source, done.stdout + "".join(
            line for line in done.stderr.splitlines(True) if "error:" in line and line not in done.stdout)

    outputs, finished = {}, 0
    terminal = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    with concurrent.futures.ThreadPoolExecutor(max(1, options.jobs)) as pool:
        for source, output in pool.map(check, jobs):
            finished += 1
            if output:
                outputs[source] = output
            if terminal:
                print(f"\r  clang-tidy {finished} of {len(jobs)} sources\x1b[K", end="", flush=True)
    if terminal:
        print("\r\x1b[K", end="")

    # A header's problem is seen by every source that includes it; it is said once.
    said, problems = set(), []
    for source in sorted(outputs):
        block = []
        for line in [*outputs[source].splitlines(), None]:
            starts = line is not None and re.match(r"\S.*:\d+:\d+: (warning|error): ", line)
            if line is None or starts:
                if block and block[0] not in said:
                    said.add(block[0])
                    problems.append("\n".join(block))
                block = []
            # The notes that follow are mostly about the library's overloads.
            if line is not None and (starts or 0 < len(block) < 5):
                block.append(line.replace(str(ROOT) + os.sep, ""))
        if not problems:
            problems.append(f"{source.relative_to(ROOT)}: {outputs[source].strip()[-2000:]}")

    # Answers of earlier states are of no more use.
    for old in cache.iterdir():
        if old.name not in keys:
            old.unlink(missing_ok=True)

    text = f"{total} sources, {len(jobs)} of them changed"
    if problems or outputs:
        text = f"{len(problems)} to mend in {len(outputs)} sources"
    mark = "✗" if outputs else "✓"
    took = time.monotonic() - begun
    print(f"  {'clang-tidy':<10} {text:<51}  {mark} {took:4.{1 if took < 9.95 else 0}f} s", flush=True)
    for problem in problems:
        print("    " + problem.replace("\n", "\n    "))
    return 1 if outputs else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
