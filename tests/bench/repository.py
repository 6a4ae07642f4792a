"""A generated repository, gen run on it, and the small changes that are measured."""

import os
import pathlib
import re
import shutil
import time

from measure import HERE, Failed, filesystem, output, run


def make_spec(kind, count, folder):
    """Generates a fleet, with an override of one app in dev that can be changed."""
    run([HERE / "fleet", *(["--mixed"] if kind == "mixed" else []), str(count), folder])
    file = folder / "environments/dev.yaml"
    text = file.read_text()
    name = next(name for name in running(folder) if f"\n  {name}:" not in text)
    line = f'  {name}: {{annotations: {{example.test/turn: "0"}}}}\n'
    file.write_text(re.sub(r'(?m)^  "\*": .*\n', lambda match: match[0] + line, text, count=1))
    return folder


def running(root):
    """Names of the apps that have pods, and so a greeting."""
    return [file.stem for file in sorted((root / "apps").iterdir()) if "GREETING: " in file.read_text()]


def edit(file, pattern, replacement):
    text = file.read_text()
    changed = re.sub(pattern, replacement, text, count=1)
    if changed == text:
        raise Failed(f"{file} has no {pattern} to change")
    file.write_text(changed)


class Repository:
    """A spec's copy with what gen makes of it.

    A cold render gets a copy that was never rendered, instead of one whose tree was removed: for some minutes after
    files were deleted, ext4 passes over their inodes one by one, and making files takes ten times as long. So nothing
    is deleted before the end, and all of it together takes some gigabytes. Only on tmpfs, which is memory and has no
    such minutes, a copy goes when the next one comes.
    """

    def __init__(self, gen, spec, folder):
        self.gen, self.spec, self.folder = gen, spec, folder
        folder.mkdir(parents=True)
        self.in_memory = filesystem(folder) == "tmpfs"
        self.names = running(spec)
        self.laid = self.copied = 0
        self.lay()

    def lay(self):
        if self.in_memory and self.laid:
            shutil.rmtree(self.root.parent)
        self.laid += 1
        self.root = self.folder / str(self.laid) / "repository"
        # Whatever gen keeps for itself outside the repository is as new as the repository.
        self.home = self.folder / str(self.laid) / "home"
        self.home.mkdir(parents=True)
        shutil.copytree(self.spec, self.root)

    def settle(self):
        """What an earlier run left to be written to disk must not be paid for by the next, and what was edited just now
        must be old enough for gen to trust its times, as it is when people edit."""
        if not self.in_memory:
            os.sync()
        time.sleep(0.05)

    def env(self):
        return dict(os.environ, HOME=str(self.home), XDG_CACHE_HOME=str(self.home / "cache"))

    def render(self, *flags):
        self.settle()
        return run([self.gen, "-C", self.root, "render", "-q", *flags], env=self.env())

    def cold(self):
        self.lay()
        return self.render()

    def copy_tree(self):
        """`cp -r` of the rendered tree, to a folder that is not there yet."""
        self.copied += 1
        target = self.folder / f"copy-{self.copied}"
        self.settle()
        measured = run(["cp", "-r", self.tree(), target])
        if self.in_memory:
            shutil.rmtree(target)
        return measured

    def rendered_units(self):
        """How many units the next render makes anew, or None from a gen that does not tell."""
        self.settle()
        text = output([self.gen, "-C", self.root, "render", "-v"], env=self.env())
        match = re.search(r"\brendered (\d+) units?\b", text)
        return int(match[1]) if match else None

    # Each changes one thing, another one each turn.

    def pin(self, turn):
        line = rf"(\n  {self.app_of(turn)}: .*@sha256:)[0-9a-f]{{64}}"
        edit(self.root / "environments/dev.pins.yaml", line, rf"\g<1>{turn:064x}")

    def app(self, turn):
        edit(self.root / f"apps/{self.app_of(turn)}.yaml", r"GREETING: .*", f'GREETING: "changed in turn {turn}"')

    def comment(self, turn):
        edit(self.root / "environments/dev.yaml", r"^", f"# turn {turn}\n")

    def override(self, turn):
        edit(self.root / "environments/dev.yaml", r'example.test/turn: "\d+"', f'example.test/turn: "{turn}"')

    def app_of(self, turn):
        return self.names[turn % len(self.names)]

    def tree(self):
        return self.root / "clusters"

    def size(self):
        """Files, bytes and objects of the rendered tree."""
        files = size = objects = 0
        for folder, _, names in os.walk(self.tree()):
            for name in names:
                content = pathlib.Path(folder, name).read_bytes()
                files += 1
                size += len(content)
                if name.endswith(".yaml") and name != "kustomization.yaml":
                    objects += content.count(b"\nkind: ") + content.startswith(b"kind: ")
        if objects == 0:
            raise Failed(f"gen rendered no object into {self.tree()}")
        return files, size, objects

    def units(self):
        """The folders of one app in one environment, which their ownership records mark."""
        found = sorted(path.parent for path in self.tree().rglob("gen.lock.json") if path.parent.name.startswith("app-"))
        if not found:
            raise Failed(f"no app's folder with a gen.lock.json under {self.tree()}")
        return found
