"""Drives the official clients, unmodified, against the real binary.

The clients come from npm and are no part of the sources; where node or they cannot be had, the test
says so and is skipped.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77  # What the build file tells ctest.
INSTALL_SECONDS_MAX = 150
SOURCES = pathlib.Path(__file__).resolve().parent
PACKAGE_FILES = ("package.json", "package-lock.json")


def skip(reason):
    print(f"SKIPPED: the official clients were not tested: {reason}")
    sys.exit(SKIPPED)


def install(directory):
    """Brings the packages that the lock file names into `directory`, unless they are there."""
    wanted = [(SOURCES / name).read_bytes() for name in PACKAGE_FILES]
    installed = directory / "node_modules" / "installed"
    if installed.exists() and installed.read_bytes() == b"".join(wanted):
        return
    for name, content in zip(PACKAGE_FILES, wanted):
        (directory / name).write_bytes(content)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    try:
        done = subprocess.run(command, cwd=directory, timeout=INSTALL_SECONDS_MAX, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except subprocess.TimeoutExpired:
        skip(f"npm did not finish within {INSTALL_SECONDS_MAX} s")
    if done.returncode != 0:
        skip("npm could not install them: " + " ".join(done.stdout.split())[-300:])
    installed.write_bytes(b"".join(wanted))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="the node's executable")
    parser.add_argument("--directory", required=True, help="where packages are installed")
    arguments = parser.parse_args()
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            skip(f"there is no {program}")
    directory = pathlib.Path(arguments.directory)
    directory.mkdir(parents=True, exist_ok=True)
    install(directory)
    tests = []
    for source in sorted(SOURCES.glob("*.mjs")):
        shutil.copy(source, directory)
        if source.name.endswith("_test.mjs"):
            tests.append(source.name)
    binary = str(pathlib.Path(arguments.binary).resolve())
    environment = dict(os.environ, CACHEINDEX_BINARY=binary)
    command = ["node", "--no-warnings", "--test", *tests]
    sys.exit(subprocess.run(command, cwd=directory, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
