# SPDX-License-Identifier: Apache-2.0
"""What a program did to its files, as strace saw it: every change, every flush, every answer.

strace sees the calls at the kernel's door, so nothing that any library does is missed (only memory
maps are, and the stores use none for data). It needs no hook in the programs.
"""
import os
import re
from dataclasses import dataclass

CALLS = ("open,openat,creat,read,lseek,write,writev,pwrite64,pwritev,ftruncate,truncate,fallocate,"
         "fsync,fdatasync,sync_file_range,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
         "unlink,unlinkat,mkdir,mkdirat,rmdir,copy_file_range,sendfile,connect,sendto,sendmsg")
LINE = re.compile(r"^(\d+)\s+(\d+\.\d+) (.*)$", re.S)
CALL = re.compile(r"^(\w+)\((.*)\)\s+= (-?\w+)(<[^>]*>)?", re.S)
# Calls that change no file of a store, or are understood below; another one is an error.
REFUSED = {"writev", "pwritev", "truncate", "fallocate", "link", "linkat", "symlink", "symlinkat",
           "copy_file_range"}


@dataclass
class Event:
    time: float
    kind: str
    key: tuple = ()          # the file: (trace, descriptor)
    path: str = ""
    other: str = ""          # the new name of a rename
    data: bytes = b""
    number: int = 0          # offset, size or mode
    flags: str = ""
    since: int = 0           # a flush covers the events before this one


def strace(output, command):
    """The command line that runs `command` and records it."""
    return ["strace", "-f", "-y", "-xx", "-ttt", "-s", "16777216", "--seccomp-bpf", "-o", output,
            "-e", "trace=" + CALLS, "-e", "signal=none"] + command


def text(argument):
    """A path or string as strace wrote it with -xx."""
    return raw(argument).decode("utf-8", "surrogateescape")


def raw(argument):
    return bytes.fromhex(argument.strip('"').replace("\\x", ""))


DESCRIPTOR = re.compile(r"(-?\d+|AT_FDCWD)(?:<((?:\\x[0-9a-f]{2})*)>)?")


def descriptor(argument):
    """A descriptor's number and path."""
    match = DESCRIPTOR.match(argument)
    number = -1 if match.group(1) == "AT_FDCWD" else int(match.group(1))
    return number, text(match.group(2) or "")


def within(path, root):
    return path == root or path.startswith(root + "/")


class Reader:
    """Reads one trace; events concern files below `root`, standard output, and sockets."""

    def __init__(self, path, root):
        self.path, self.root = path, root
        self.events, self.unfinished, self.positions = [], {}, {}

    def read(self):
        with open(self.path, encoding="ascii", errors="replace") as lines:
            for line in lines:
                match = LINE.match(line.rstrip("\n"))
                if not match:
                    continue
                thread, time, rest = match.group(1), float(match.group(2)), match.group(3)
                since = len(self.events)
                if rest.endswith("<unfinished ...>"):
                    self.unfinished[thread] = (rest[: -len("<unfinished ...>")].rstrip(), since)
                    continue
                if rest.startswith("<... "):
                    begin, since = self.unfinished.pop(thread, ("", since))
                    rest = begin + rest.partition("resumed>")[2]
                match = CALL.match(rest)
                # It answers that it is under way.
                if match and match.group(1) == "connect" and "AF_INET" in rest:
                    self.add(time, "connect", key=(self.path, -1))
                elif match and not match.group(3).startswith("-") and match.group(3) != "?":
                    self.take(time, match.group(1), match.group(2).split(", "), match, since)
        return self.events

    def take(self, time, name, arguments, match, since):
        result = int(match.group(3), 0)
        if name in ("rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"):
            self.names(time, name, arguments)
        elif name in ("open", "openat", "creat"):
            self.open(time, name, arguments, result)
        elif name in ("sendto", "sendmsg"):
            self.add(time, "sent", key=(self.path, -1))
        elif name != "connect":
            self.content(time, name, arguments, result, since)

    def add(self, time, kind, **rest):
        self.events.append(Event(time, kind, **rest))

    def names(self, time, name, arguments):
        paths = [text(a) for a in arguments if a.startswith('"')]
        if not any(within(path, self.root) for path in paths):
            return
        if name.startswith("rename"):
            self.add(time, "rename", path=paths[0], other=paths[1])
        elif name.startswith("mkdir"):
            self.add(time, "mkdir", path=paths[0])
        else:
            is_folder = name == "rmdir" or any("AT_REMOVEDIR" in a for a in arguments)
            path = paths[0] if paths[0].startswith("/") else descriptor(arguments[0])[1] + "/" + paths[0]
            self.add(time, "rmdir" if is_folder else "unlink", path=path)

    def open(self, time, name, arguments, result):
        path = text(next(a for a in arguments if a.startswith('"')))
        key = (self.path, result)
        self.positions[key] = 0
        flags = "O_CREAT|O_TRUNC" if name == "creat" else next(a for a in arguments if a.startswith("O_"))
        inside = path if within(path, self.root) else ""
        self.add(time, "open", key=key, path=inside, flags=flags)

    def content(self, time, name, arguments, result, since):
        number, path = descriptor(arguments[0])
        key = (self.path, number)
        if name == "lseek":
            self.positions[key] = result
        elif name == "read":
            self.positions[key] = self.positions.get(key, 0) + result
        elif name == "write" and number == 1:
            self.add(time, "answer", key=(self.path, 1), data=raw(arguments[1])[:result])
        elif name in ("write", "writev", "sendfile") and path.startswith("socket:"):
            self.add(time, "sent", key=(self.path, -1))
        elif not within(path, self.root):
            return
        elif name == "pwrite64":
            self.add(time, "write", key=key, data=raw(arguments[1])[:result], number=int(arguments[3]))
        elif name == "write":
            offset = self.positions.get(key, 0)
            self.add(time, "write", key=key, data=raw(arguments[1])[:result], number=offset)
            self.positions[key] = offset + result
        elif name == "sendfile":
            self.copy(time, key, descriptor(arguments[1])[1], result)
        elif name == "ftruncate":
            self.add(time, "size", key=key, number=int(arguments[1], 0))
        elif name in ("fsync", "fdatasync"):
            self.add(time, "flush", key=key, since=since)
        elif name in REFUSED:
            raise SystemExit(f"{self.path}: the trace has {name}, which the model of a disk lacks")

    def copy(self, time, key, source, count):
        """A file copied by the kernel: its source is still there, as it was."""
        offset = self.positions.get(key, 0)
        with open(source, "rb") as file:
            file.seek(offset)
            self.add(time, "write", key=key, data=file.read(count), number=offset)
        self.positions[key] = offset + count


def read_all(folder, root):
    """The events of all traces in a folder, in the order of time."""
    events = []
    for name in sorted(os.listdir(folder)):
        base = len(events)
        for event in Reader(os.path.join(folder, name), root).read():
            event.since += base
            events.append(event)
    order = sorted(range(len(events)), key=lambda index: events[index].time)
    place = {old: new for new, old in enumerate(order)}
    place[len(events)] = len(events)
    for event in events:
        event.since = place[event.since]
    return [events[index] for index in order]
