"""`kubectl kustomize` over the objects of a sample of a fleet's folders, as base and overlay, a process each."""

import json
import pathlib
import re
import shutil
import subprocess
import time

from measure import ROOT, Failed, Run, output

SAMPLE = 60
HEADER = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


def find_kubectl():
    """A kubectl, or None. A distribution's dispatcher, which only starts another one, is passed over for that one."""
    done = subprocess.run([ROOT / "tests/tools/setup", "kubectl"], capture_output=True, text=True)
    if done.returncode != 0:
        return None
    kubectl = pathlib.Path(done.stdout.strip()).resolve()
    versioned = sorted(
        (int(match[1]), path)
        for path in kubectl.parent.glob("kubectl.1.*")
        if (match := re.fullmatch(r"kubectl\.1\.(\d+)", path.name))
    )
    return versioned[-1][1] if versioned else kubectl


def version(kubectl):
    match = re.search(r"Kustomize Version: (\S+)", output([kubectl, "version", "--client"]))
    return match[1] if match else "of unknown version"


class Sample:
    """A base and an overlay for each folder of a sample, as someone without gen would lay the same objects out.

    The base holds the objects; the overlay sets the image's digest and a label, the least that an environment's overlay
    does.
    """

    def __init__(self, kubectl, repository, folder):
        self.kubectl = kubectl
        units = repository.units()
        count = min(SAMPLE, len(units))
        # Spread over the whole fleet, and so over its environments.
        chosen = [units[number * len(units) // count] for number in range(count)]
        self.overlays = [lay(unit, folder, number) for number, unit in enumerate(chosen)]
        self.factor = len(units) / count
        self.check()

    def check(self):
        """What kustomize builds has as many objects as gen rendered; otherwise the comparison means nothing."""
        built = sum(len(re.findall(r"(?m)^kind: ", output([self.kubectl, "kustomize", each]))) for each in self.overlays)
        rendered = 0
        for overlay in self.overlays:
            for path in (overlay.parent.parent / "base" / overlay.name).glob("*.yaml"):
                if path.name != "kustomization.yaml":
                    rendered += len(re.findall(r"(?m)^kind: ", path.read_text()))
        if built != rendered:
            raise Failed(f"kustomize built {built} objects out of {rendered}")

    def build(self):
        """Builds the sample, one overlay at a time; the time is what all folders of the fleet would take."""
        start = time.perf_counter()
        for overlay in self.overlays:
            done = subprocess.run([self.kubectl, "kustomize", overlay], stdout=subprocess.DEVNULL)
            if done.returncode != 0:
                raise Failed(f"`{self.kubectl} kustomize {overlay}` ended with status {done.returncode}")
        return Run((time.perf_counter() - start) * self.factor)


def lay(unit, folder, number):
    """Copies a unit's files into a base, writes an overlay for it, and returns the overlay."""
    name = f"{unit.name}-{number:02}"
    base, overlay = folder / "base" / name, folder / "overlays" / name
    base.mkdir(parents=True)
    overlay.mkdir(parents=True)
    resources = []
    for path in sorted(unit.rglob("*.yaml")):
        if path.name != "kustomization.yaml":
            flat = "-".join(path.relative_to(unit).parts)
            shutil.copyfile(path, base / flat)
            resources.append(flat)
    image = {"name": f"registry.example/fleet/{unit.name}", "digest": "sha256:" + f"{number:064x}"}
    label = {"pairs": {"app.kubernetes.io/part-of": "fleet"}}
    # JSON is YAML.
    (base / "kustomization.yaml").write_text(json.dumps({**HEADER, "resources": resources}))
    (overlay / "kustomization.yaml").write_text(
        json.dumps({**HEADER, "resources": [f"../../base/{name}"], "labels": [label], "images": [image]})
    )
    return overlay
