"""Drives the official clients of one language, unmodified, against the real binary.

The clients come from npm and PyPI and are no part of the sources; where they cannot be had, the
test says so and is skipped.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77  # What the build file tells ctest.
INSTALL_SECONDS_MAX = 150
TRIES_MAX = 2  # Of a download. More would only make it later that a test is skipped.
SOURCES = pathlib.Path(__file__).resolve().parent


def skip(reason):
    print(f"SKIPPED: the official clients were not tested: {reason}")
    sys.exit(SKIPPED)


def must_install(command, directory):
    words = " ".join(str(word) for word in command[:4])
    try:
        done = subprocess.run(command, cwd=directory, timeout=INSTALL_SECONDS_MAX, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except subprocess.TimeoutExpired:
        skip(f"`{words}` did not finish within {INSTALL_SECONDS_MAX} s")
    if done.returncode != 0:
        skip(f"`{words}` could not install them: " + " ".join(done.stdout.split())[-300:])


class Javascript:
    """Tests are run where the packages are, since that is where they look for them."""

    programs = ("node", "npm")
    lock_files = ("package.json", "package-lock.json")

    def install(self, directory):
        for name in self.lock_files:
            shutil.copy(SOURCES / name, directory)
        must_install(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund",
                      "--prefer-offline", f"--fetch-retries={TRIES_MAX - 1}"], directory)

    def test_command(self, directory):
        tests = []
        for source in sorted(SOURCES.glob("*.mjs")):
            shutil.copy(source, directory)
            if source.name.endswith("_test.mjs"):
                tests.append(source.name)
        return ["node", "--no-warnings", "--test", *tests]


class Python:
    programs = ()
    lock_files = ("requirements.txt",)

    def install(self, directory):
        must_install([sys.executable, "-m", "venv", "--clear", directory / "venv"], directory)
        must_install([directory / "venv/bin/python", "-m", "pip", "install", "--quiet",
                      "--disable-pip-version-check", "--only-binary=:all:", "--no-deps",
                      f"--retries={TRIES_MAX - 1}", "--requirement",
                      SOURCES / self.lock_files[0]], directory)

    def test_command(self, directory):
        return [directory / "venv/bin/python", "-B", "-m", "unittest", "discover",
                "--start-directory", SOURCES, "--pattern", "*_test.py"]


LANGUAGES = {"javascript": Javascript(), "python": Python()}


def install(language, directory):
    """Brings the packages that the lock files name into `directory`, unless they are there."""
    wanted = b"".join((SOURCES / name).read_bytes() for name in language.lock_files)
    installed = directory / "installed"
    if installed.exists() and installed.read_bytes() == wanted:
        return
    installed.unlink(missing_ok=True)
    language.install(directory)
    installed.write_bytes(wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("language", choices=sorted(LANGUAGES))
    parser.add_argument("--binary", required=True, help="the node's executable")
    parser.add_argument("--directory", required=True, help="where packages are installed")
    arguments = parser.parse_args()
    language = LANGUAGES[arguments.language]
    for program in language.programs:
        if shutil.which(program) is None:
            skip(f"there is no {program}")
    directory = pathlib.Path(arguments.directory).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    install(language, directory)
    environment = dict(os.environ, CACHEINDEX_BINARY=str(pathlib.Path(arguments.binary).resolve()))
    command = language.test_command(directory)
    sys.exit(subprocess.run(command, cwd=directory, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
