# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
#
# Answers as an image registry does (OCI distribution API), on a free port of
# 127.0.0.1 that it prints. Which answer is in the image's name:
#
#   none/...     there is no such image
#   private/...  only for those who log in
#   foreign/...  an image for another kind of machine only
#   late/...     not available twice, and then an image that runs and ends with 0
#   bare/...     an image that does not say what to run
import gzip, hashlib, http.server, io, json, platform, tarfile

blobs = {}
asked = {}


def digest(data):
    name = "sha256:" + hashlib.sha256(data).hexdigest()
    blobs[name] = data
    return name


def image(config):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.add("/opt/sparkctl/submitter", "program")
    layer = gzip.compress(tar.getvalue(), 1)
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    described = json.dumps({
        "architecture": machine, "os": "linux", "config": config,
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar.getvalue()).hexdigest()]},
    }).encode()
    kind = "application/vnd.oci.image."
    return {
        "schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
        "config": {"mediaType": kind + "config.v1+json", "size": len(described), "digest": digest(described)},
        "layers": [{"mediaType": kind + "layer.v1.tar+gzip", "size": len(layer), "digest": digest(layer)}],
    }


foreign = {
    "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
    "manifests": [{
        "mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 7, "digest": digest(b"nothing"),
        "platform": {"architecture": "s390x", "os": "linux"},
    }],
}
late = image({"Entrypoint": ["/program", "--help"]})
bare = image({})


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        name = self.path.removeprefix("/v2/").split("/")[0]
        last = self.path.split("/")[-1]
        if last in blobs:
            self.answer(200, blobs[last], "application/octet-stream")
        elif name == "private":
            self.error(401, "UNAUTHORIZED", "authentication required")
        elif name == "foreign":
            self.manifest(foreign)
        elif name == "bare":
            self.manifest(bare)
        elif name == "late":
            asked[name] = asked.get(name, 0) + (self.command == "HEAD")
            if asked[name] <= 2:
                self.error(503, "UNAVAILABLE", "try again later")
            else:
                self.manifest(late)
        else:
            self.error(404, "MANIFEST_UNKNOWN", "manifest unknown")

    def manifest(self, document):
        self.answer(200, json.dumps(document).encode(), document["mediaType"])

    def error(self, status, code, message):
        self.answer(status, json.dumps({"errors": [{"code": code, "message": message}]}).encode(), "application/json")

    def answer(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if kind.endswith("json") and status == 200:
            self.send_header("Docker-Content-Digest", digest(body))
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="registry"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
print("port", server.server_port)
server.serve_forever()
