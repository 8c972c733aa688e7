"""A private PostgreSQL for a benchmark: in a folder of its own, on a socket only."""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

import processes

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")


def as_server(command):
    """The server refuses to run as root, so root runs it as its own user."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]


class Psql:
    """One session; statements go through one psql, so that a short one costs no process."""

    def __init__(self, directory, database):
        self.process = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(directory), "-U",
             "postgres", "-d", database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, *statements):
        """Runs the statements, each in a transaction of its own; returns the lines they print."""
        end = "--end--"
        self.process.stdin.write("".join(f"{statement};\n" for statement in statements))
        self.process.stdin.write(f"\\echo {end}\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == end:
                return lines
            lines.append(line.rstrip("\n"))
        raise SystemExit(f"psql ended at: {statements}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Postgres:
    """A cluster with logical decoding; close() stops and removes it."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cacheindex-postgres-"))
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.directory, user.pw_uid, user.pw_gid)
        self.data = self.directory / "data"
        try:
            self.program("initdb", "-D", self.data, "-U", "postgres", "--auth=trust",
                         "--encoding=UTF8", "--locale=C.UTF-8")
            settings = {"listen_addresses": "''", "unix_socket_directories": self.directory,
                        "wal_level": "logical", "max_wal_size": "4GB", "shared_buffers": "512MB"}
            options = " ".join(f"-c {name}={value}" for name, value in settings.items())
            self.program("pg_ctl", "start", "-s", "-w", "-D", self.data, "-l",
                         self.directory / "log", "-o", options)
        except subprocess.CalledProcessError:
            self.close()
            raise

    def program(self, name, *arguments):
        subprocess.run(as_server([str(PROGRAMS / name), *map(str, arguments)]), check=True,
                       stdout=subprocess.DEVNULL)

    def create(self, database):
        self.program("createdb", "-h", self.directory, "-U", "postgres", database)

    def run_file(self, database, file, folder):
        """Runs an SQL file in a folder, to which the paths of its copies are relative."""
        subprocess.run(["psql", "-X", "-q", "-h", self.directory, "-U", "postgres", "-d", database,
                        "-f", file], cwd=folder, check=True)

    def session(self, database):
        return Psql(self.directory, database)

    def cpu_seconds(self):
        """Of all sessions that are open, walsenders included."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return processes.cpu_seconds([pid, *map(int, children)])

    def close(self):
        if (self.data / "postmaster.pid").exists():
            subprocess.run(as_server([str(PROGRAMS / "pg_ctl"), "stop", "-s", "-m", "fast", "-D",
                                      str(self.data)]), check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
