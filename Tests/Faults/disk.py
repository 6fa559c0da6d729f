# SPDX-License-Identifier: Apache-2.0
"""A disk that keeps what was flushed and may lose everything else, and the states it can be left in.

The promises are POSIX's and no more. A flushed file keeps its content and size. What was written
since may be there or not, sector by sector, in any order, and the size apart from the content. A
new, removed or renamed entry is safe once its folder was flushed; until then the folder may be at
any earlier point of its history, or hold any subset of its changes. A rename within a folder is whole or
not at all; from one folder to another it is two changes.
"""
import os


class File:
    def __init__(self):
        self.kept = bytearray()
        self.waiting = []                  # (event, "write", offset, data) or (event, "size", length)
        self.handled = None

    def change(self, change):
        self.waiting.append(change)
        self.handled = None

    def flush(self, since):
        while self.waiting and self.waiting[0][0] < since:
            apply(self.kept, self.waiting.pop(0))
        self.handled = None

    def versions(self, unit):
        """Every version of every sector that is not flushed, and every size."""
        if self.handled and self.handled[0] == unit:
            return self.handled[1:]
        image, sizes, sectors = bytearray(self.kept), [len(self.kept)], {}
        for change in self.waiting:
            before = len(image)
            apply(image, change)
            sizes.append(len(image))
            if change[1] == "write":
                first, end = change[2], change[2] + len(change[3])
            else:
                first, end = min(before, len(image)), max(before, len(image))
            for sector in range(first // unit, (end + unit - 1) // unit):
                content = bytes(image[sector * unit:(sector + 1) * unit]).ljust(unit, b"\0")
                sectors.setdefault(sector, []).append(content)
        self.handled = (unit, sizes, sectors)
        return sizes, sectors

    def after_loss(self, random, keep, unit):
        if not self.waiting:
            return bytes(self.kept)
        sizes, sectors = self.versions(unit)
        size = sizes[-1] if random.random() < keep else random.choice(sizes)
        image = bytearray(self.kept)
        for sector, contents in sectors.items():
            if random.random() < keep:
                content = contents[-1]
            else:
                chosen = random.randrange(len(contents) + 1)
                if chosen == len(contents):
                    continue
                content = contents[chosen]
            end = (sector + 1) * unit
            if len(image) < end:
                image.extend(bytes(end - len(image)))
            image[sector * unit:end] = content
        return bytes(image[:size].ljust(size, b"\0"))


def apply(image, change):
    if change[1] == "size":
        length = change[2]
        if length < len(image):
            del image[length:]
        else:
            image.extend(bytes(length - len(image)))
        return
    offset, data = change[2], change[3]
    if len(image) < offset + len(data):
        image.extend(bytes(offset + len(data) - len(image)))
    image[offset:offset + len(data)] = data


class Folder:
    def __init__(self):
        self.kept, self.now, self.waiting = {}, {}, []

    def change(self, index, change):
        alter(self.now, change)
        self.waiting.append((index, change))

    def flush(self, since):
        while self.waiting and self.waiting[0][0] < since:
            alter(self.kept, self.waiting.pop(0)[1])

    def after_loss(self, random, keep):
        entries = dict(self.kept)
        if random.random() < 0.5:          # a journal: the folder as it was at some moment
            count = len(self.waiting)
            if random.random() >= keep:
                count = random.randrange(count + 1)
            survivors = self.waiting[:count]
        else:
            survivors = [entry for entry in self.waiting if random.random() < keep]
        for _, change in survivors:
            alter(entries, change)
        return entries


def alter(entries, change):
    name, node, old = change
    if old is not None:
        entries.pop(old, None)
    if node is None:
        entries.pop(name, None)
    else:
        entries[name] = node


class Disk:
    """The files below one folder, followed event by event."""

    def __init__(self, root):
        self.root, self.top, self.open = root, Folder(), {}

    def find(self, path):
        node = self.top
        for name in [part for part in path[len(self.root):].split("/") if part]:
            node = node.now.get(name) if isinstance(node, Folder) else None
        return node

    def place(self, path):
        folder, name = os.path.split(path)
        return self.find(folder), name

    def take(self, index, event):
        kind = event.kind
        if kind == "open":
            self.opened(index, event)
        elif kind in ("write", "size", "flush"):
            node = self.open.get(event.key)
            if node is None:
                return
            if kind == "flush":
                node.flush(event.since)
            elif kind == "write":
                node.change((index, "write", event.number, event.data))
            else:
                node.change((index, "size", event.number))
        elif kind in ("mkdir", "unlink", "rmdir"):
            folder, name = self.place(event.path)
            folder.change(index, (name, Folder() if kind == "mkdir" else None, None))
        elif kind == "rename":
            folder, name = self.place(event.other)
            source, old = self.place(event.path)
            node = self.find(event.path)
            folder.change(index, (name, node, old if folder is source else None))
            if folder is not source:       # two folders, flushed apart
                source.change(index, (old, None, None))

    def opened(self, index, event):
        self.open.pop(event.key, None)
        if not event.path or event.path.endswith("-shm"):
            return
        if event.path == self.root:
            self.open[event.key] = self.top
            return
        node = self.find(event.path)
        if node is None and "O_CREAT" in event.flags:
            folder, name = self.place(event.path)
            node = File()
            folder.change(index, (name, node, None))
        if isinstance(node, File) and "O_TRUNC" in event.flags:
            node.change((index, "size", 0))
        if node is not None:
            self.open[event.key] = node

    def after_loss(self, random):
        """One state: a dictionary of paths to bytes, or to None for a folder."""
        keep, unit = random.choice([0, 0, 0.2, 0.5, 0.8, 0.95, 1]), random.choice([512, 512, 4096])
        state = {}

        def walk(folder, path):
            for name, node in sorted(folder.after_loss(random, keep).items()):
                below = f"{path}/{name}"
                if isinstance(node, Folder):
                    state[below] = None
                    walk(node, below)
                else:
                    state[below] = node.after_loss(random, keep, unit)
                    # The index of a write-ahead log is shared memory: what is left of it is noise.
                    if name.endswith("-wal") and random.random() < 0.3:
                        state[below[:-4] + "-shm"] = random.randbytes(32768)
        walk(self.top, "")
        return state


def lay_out(state, folder):
    """Writes a state below a new folder."""
    os.mkdir(folder, 0o700)
    for path, content in state.items():
        if content is None:
            os.mkdir(folder + path, 0o700)
        else:
            descriptor = os.open(folder + path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
