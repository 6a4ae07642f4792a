#!/usr/bin/env python3
"""Writes images as one OCI archive, and pushes one of an archive to a registry without TLS.

  oci.py write ARCHIVE <IMAGES    a JSON list on stdin: {names, layers (tars), config (Env, User, WorkingDir, Cmd …)}
  oci.py push ARCHIVE NAME URL    NAME is one of the archive's, URL http://HOST/REPOSITORY:TAG
"""
import hashlib
import io
import json
import sys
import tarfile
import urllib.request

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
CONFIG = "application/vnd.oci.image.config.v1+json"
NAME = "io.containerd.image.name"


class Archive:
    """A tar of blobs named by their digest; layers of several images are written once."""

    def __init__(self, path):
        self.tar = tarfile.open(path, "w")
        self.known = {}

    def add(self, name, stream, size):
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o644
        self.tar.addfile(member, stream)

    def blob(self, kind, content):
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        if digest not in self.known:
            self.add("blobs/" + digest.replace(":", "/"), io.BytesIO(content), len(content))
            self.known[digest] = True
        return {"mediaType": kind, "digest": digest, "size": len(content)}

    def layer(self, path):
        if path not in self.known:
            with open(path, "rb") as file:
                digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
                file.seek(0)
                self.add("blobs/" + digest.replace(":", "/"), file, size)
            self.known[path] = {"mediaType": LAYER, "digest": digest, "size": size}
        return self.known[path]


def write(path, images):
    archive = Archive(path)
    manifests = []
    for image in images:
        layers = [archive.layer(layer) for layer in image["layers"]]
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": image.get("config", {}),
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": archive.blob(CONFIG, json.dumps(config).encode()),
            "layers": layers,
        }
        described = archive.blob(MANIFEST, json.dumps(manifest).encode())
        manifests += [{**described, "annotations": {NAME: name}} for name in image["names"]]
    index = json.dumps({"schemaVersion": 2, "manifests": manifests}).encode()
    for name, content in {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": index}.items():
        archive.add(name, io.BytesIO(content), len(content))
    archive.tar.close()


def push(path, name, url):
    base, _, tag = url.rpartition(":")
    scheme, _, rest = base.partition("://")
    host, _, repository = rest.partition("/")
    root = f"{scheme}://{host}"

    def send(method, address, content=None, kind="application/octet-stream", size=0):
        request = urllib.request.Request(address, data=content, method=method)
        request.add_header("Content-Type", kind)
        request.add_header("Content-Length", str(size))
        return urllib.request.urlopen(request)

    with tarfile.open(path) as tar:

        def blob(digest):
            return tar.extractfile("blobs/" + digest.replace(":", "/"))

        index = json.load(tar.extractfile("index.json"))
        described = next(each for each in index["manifests"] if each["annotations"][NAME] == name)
        content = blob(described["digest"]).read()
        manifest = json.loads(content)
        for part in [manifest["config"], *manifest["layers"]]:
            begun = send("POST", f"{root}/v2/{repository}/blobs/uploads/")
            at = begun.headers["Location"]
            at += ("&" if "?" in at else "?") + "digest=" + part["digest"]
            send("PUT", at, blob(part["digest"]), size=part["size"])
        send("PUT", f"{root}/v2/{repository}/manifests/{tag}", content, MANIFEST, len(content))


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"] and len(sys.argv) == 3:
        write(sys.argv[2], json.load(sys.stdin))
    elif sys.argv[1:2] == ["push"] and len(sys.argv) == 5:
        push(*sys.argv[2:])
    else:
        print(__doc__, file=sys.stderr)
        sys.exit(64)
